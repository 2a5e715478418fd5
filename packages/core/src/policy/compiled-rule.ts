import { type AfterKind, afterKindsOf } from './after-kind.ts'
import type { ReadingPlace } from './bound-facts.ts'
import { allOf, compileCondition } from './conditions/compile-condition.ts'
import type { CompiledCondition, ConditionPlace, Test } from './conditions/condition.ts'
import { type CompiledLimit, compileLimit } from './conditions/limit.ts'
import { firedMessage } from './messages.ts'
import type { Rule } from './model.ts'
import type { Ruling } from './ruling.ts'

/** One rule or more, by rank: the first decides. */
export type Fired = readonly [AskedRule, ...(readonly AskedRule[])]

/** Which of some rules fire for certain, and which are unknown. */
export interface Firing {
  readonly sure: Fired | undefined
  readonly unsure: Fired | undefined
}

/** A rule, ready to be asked. */
export interface AskedRule {
  readonly rule: Rule
  /** Its place among the policy's rules by id; the least of those that fire is the deciding one. */
  readonly rank: number
  /** In the order that the policy writes them. */
  readonly conditions: readonly CompiledCondition[]
  /** Kleene's *and* of the conditions. */
  readonly test: Test
  /** The ruling where this rule alone fires, and for certain. */
  readonly ruling: Ruling
}

/** The limit of a rule, and what it is joined to. */
interface RuleLimit extends Pick<CompiledLimit, 'termOf'> {
  /** Kleene's *and* of the other conditions. */
  readonly others: Test
  readonly test: Test
}

/** A rule, with what is known in advance of the usual case: that it is the only one. */
export interface CompiledRule extends AskedRule {
  readonly limit: RuleLimit | undefined
  /** What its conditions look for among earlier actions. */
  readonly afters: readonly AfterKind[]
  /** This rule alone, firing for certain. */
  readonly sure: Firing
  /** This rule alone, unknown. */
  readonly unsure: Firing
}

/** How the rules of one policy are compiled. */
export interface RulePlace extends ReadingPlace {
  readonly enforced: boolean
}

/**
 * Compiles rules: wide where they stop or ask, narrow where they let through. Their rank goes by id, code unit by code
 * unit, so that neither a ruling nor the rule that it names depends on the order they are written in.
 */
export function compileRules(rules: readonly Rule[], place: RulePlace): readonly CompiledRule[] {
  return rules
    .toSorted((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
    .map((rule, rank) => compileRule(rule, rank, place))
}

function compileRule(rule: Rule, rank: number, { enforced, ...reading }: RulePlace): CompiledRule {
  const place: ConditionPlace = { ...reading, reach: rule.effect === 'allow' ? 'narrow' : 'wide' }
  const others = rule.conditions.map((condition) => compileCondition(condition, place))
  const compiled = rule.limit && compileLimit(rule.limit, rule, place)
  const conditions = compiled === undefined ? others : [...others, compiled.condition]
  const limit = compiled && { termOf: compiled.termOf, others: allOf(others), test: compiled.condition.test }
  const asked = { rule, rank, conditions, test: allOf(conditions), ruling: soleRuling(rule, enforced) }
  const afters = afterKindsOf(rule)
  return {
    ...asked,
    limit,
    afters,
    sure: { sure: [asked], unsure: undefined },
    unsure: { sure: undefined, unsure: [asked] },
  }
}

function soleRuling(rule: Rule, enforced: boolean): Ruling {
  const rules = Object.freeze([rule.id])
  const observed = Object.freeze([])
  const base = { rule: rule.id, rules, observed, message: firedMessage(rule), enforced }
  switch (rule.effect) {
    case 'deny':
      return Object.freeze({ ...base, decision: 'deny', code: 'policy_deny' })
    case 'require_approval': {
      const asking = Object.freeze([Object.freeze({ rule: rule.id, unknown: false, terms: rule.approval })])
      return Object.freeze({ ...base, decision: 'require_approval', code: 'policy_ask', asking })
    }
    case 'allow':
      return Object.freeze({ ...base, decision: 'allow', code: 'policy_allow' })
    default:
      return rule.effect satisfies never
  }
}
