import type { CapabilityPattern } from '../../src/action/pattern.ts'
import type { ToolBinding } from '../../src/action/tool-binding.ts'
import { argPath } from '../../src/policy/arg-path.ts'
import type { Condition, PolicyModel, Rule } from '../../src/policy/model.ts'

interface CanonicalRule extends Pick<Rule, 'id' | 'effect' | 'mode' | 'unknown'> {
  readonly capability: readonly CapabilityPattern[]
  readonly conditions: readonly CanonicalCondition[]
  readonly reason: string | null
  readonly approval: { readonly expires_in_ms: number; readonly quorum: number; readonly approvers: readonly string[] }
  readonly only_tightens: boolean
}

type CanonicalCondition =
  | Exclude<Condition, { kind: 'args' | 'unless' }>
  | (Omit<Extract<Condition, { kind: 'args' }>, 'path'> & { readonly path: string })
  | { readonly kind: 'unless'; readonly conditions: readonly CanonicalCondition[] }

/** The model that a canonical text was made of, as docs/reference/policy.md describes its form; places are lost. */
export function modelOfCanonical(text: string): PolicyModel {
  const canonical = JSON.parse(text) as {
    readonly mode: PolicyModel['mode']
    readonly tools: Readonly<Record<string, ToolBinding>>
    readonly approvers: Readonly<Record<string, string>> | null
    readonly max_pending: number
    readonly rules: readonly CanonicalRule[]
  }
  return {
    mode: canonical.mode,
    tools: new Map(Object.entries(canonical.tools)),
    approvers: canonical.approvers === null ? undefined : new Map(Object.entries(canonical.approvers)),
    maxPendingPerActor: canonical.max_pending,
    rules: canonical.rules.map(ruleOf),
  }
}

function ruleOf({ capability, conditions, reason, approval, only_tightens: only, ...rule }: CanonicalRule): Rule {
  const { expires_in_ms: expiresInMs, ...terms } = approval
  return {
    ...rule,
    patterns: capability,
    conditions: conditions.map(conditionOf),
    reason: reason ?? undefined,
    approval: { expiresInMs, ...terms },
    ...(only ? { onlyTightens: true } : {}),
    source: { file: 'canonical', line: 1, column: 1 },
  }
}

function conditionOf(condition: CanonicalCondition): Condition {
  if (condition.kind === 'args') return { ...condition, path: argPath(condition.path) }
  if (condition.kind === 'unless') return { kind: 'unless', conditions: condition.conditions.map(conditionOf) }
  return condition
}
