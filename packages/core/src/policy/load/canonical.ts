import { canonicalJson } from '../../kernel/canonical-json.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import type { Condition, PolicyModel, Rule } from '../model.ts'

/**
 * The composed policy as RFC 8785 text: what is archived, and whose SHA-256 is the policy's digest. It holds all that
 * a ruling depends on, and no path, line or comment; rules stand by id, for their order means nothing. docs/reference/policy.md has its form.
 */
export function canonicalPolicy(model: PolicyModel): string {
  return canonicalJson({
    v: 1,
    mode: model.mode,
    tools: Object.fromEntries(model.tools),
    approvers: model.approvers === undefined ? null : Object.fromEntries(model.approvers),
    max_pending: model.maxPendingPerActor,
    rules: model.rules.toSorted((left, right) => (left.id < right.id ? -1 : 1)).map(ruleJson),
  })
}

function ruleJson(rule: Rule): JsonObject {
  const { expiresInMs, quorum, approvers } = rule.approval
  return {
    id: rule.id,
    effect: rule.effect,
    capability: rule.patterns,
    conditions: rule.conditions.map(conditionJson),
    mode: rule.mode,
    unknown: rule.unknown,
    reason: rule.reason ?? null,
    approval: { expires_in_ms: expiresInMs, quorum, approvers },
    only_tightens: rule.onlyTightens ?? false,
  }
}

function conditionJson(condition: Condition): Json {
  switch (condition.kind) {
    case 'args':
      return { kind: condition.kind, path: condition.path.text, tests: condition.tests.map((test) => ({ ...test })) }
    case 'unless':
      return { kind: condition.kind, conditions: condition.conditions.map(conditionJson) }
    default:
      return { ...condition }
  }
}
