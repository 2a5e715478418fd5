import { canonicalJson } from '../../kernel/canonical-json.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { type Condition, DEFAULT_MAX_GRANT_MS, type Limit, type PolicyModel, type Rule } from '../model.ts'

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
    max_grant_ms: model.maxGrantMs ?? DEFAULT_MAX_GRANT_MS,
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
    ...(rule.limit === undefined ? {} : { limit: limitJson(rule.limit) }),
    mode: rule.mode,
    unknown: rule.unknown,
    reason: rule.reason ?? null,
    approval: { expires_in_ms: expiresInMs, quorum, approvers },
    only_tightens: rule.onlyTightens ?? false,
  }
}

function limitJson({ sum, max, perMs, by }: Limit): JsonObject {
  return { sum, max, per_ms: perMs, by }
}

/** A condition as the canonical text has it. */
export function conditionJson(condition: Condition): Json {
  switch (condition.kind) {
    case 'args':
      return { kind: condition.kind, path: condition.path.text, tests: condition.tests.map((test) => ({ ...test })) }
    case 'after':
      return {
        kind: condition.kind,
        capability: condition.patterns,
        within_ms: condition.withinMs,
        by: condition.by,
      }
    case 'unless':
      return { kind: condition.kind, conditions: condition.conditions.map(conditionJson) }
    default:
      return { ...condition }
  }
}
