import type { CompiledRule } from './compiled-rule.ts'
import { defaultMessage } from './messages.ts'
import type { Rule } from './model.ts'
import type { Ruling } from './ruling.ts'

/** The rules that can matter for one capability, by what they do. Each list stands by rank. */
export interface CandidatePlan {
  readonly capability: string
  readonly denies: readonly CompiledRule[]
  /** With `unknown: ask`. */
  readonly askingDenies: readonly CompiledRule[]
  readonly asks: readonly CompiledRule[]
  readonly allows: readonly CompiledRule[]
  /** The `allow` rules with a limit. */
  readonly limitedAllows: readonly CompiledRule[]
  /** In `mode: observe`, whatever they would do. */
  readonly observed: readonly CompiledRule[]
  /** The ruling where no rule fires and none is unknown. */
  readonly fallback: Ruling
  /** False where no rule has a condition, so that every event of the capability gets the same ruling. */
  readonly isConditional: boolean
  /** How many rules it holds. */
  readonly size: number
}

/** Sorts the rules that cover a capability. */
export function candidatePlan(
  capability: string,
  candidates: Iterable<CompiledRule>,
  { enforced }: { readonly enforced: boolean },
): CandidatePlan {
  const rules = [...candidates].toSorted((left, right) => left.rank - right.rank)
  const ruling = rules.filter(({ rule }) => rule.mode === 'enforce')
  const denies = withEffect(ruling, 'deny')
  const allows = withEffect(ruling, 'allow')
  return {
    capability,
    denies: denies.filter(({ rule }) => rule.unknown === 'deny'),
    askingDenies: denies.filter(({ rule }) => rule.unknown === 'ask'),
    asks: withEffect(ruling, 'require_approval'),
    allows,
    limitedAllows: allows.filter(({ limit }) => limit !== undefined),
    observed: rules.filter(({ rule }) => rule.mode === 'observe'),
    fallback: defaultRuling(defaultMessage(capability), enforced),
    isConditional: rules.some(({ conditions }) => conditions.length > 0),
    size: rules.length,
  }
}

/** The ruling where no rule allows. */
export function defaultRuling(message: string, enforced: boolean): Ruling {
  return Object.freeze({
    decision: 'deny',
    code: 'policy_default',
    rule: null,
    rules: Object.freeze([]),
    observed: Object.freeze([]),
    message,
    enforced,
  })
}

function withEffect(rules: readonly CompiledRule[], effect: Rule['effect']): readonly CompiledRule[] {
  return rules.filter(({ rule }) => rule.effect === effect)
}
