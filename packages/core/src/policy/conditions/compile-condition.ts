import type { Condition } from '../model.ts'
import { every, FALSE, not, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import { afterCondition } from './after.ts'
import { amountCondition } from './amount.ts'
import { argsCondition, argsOnlyCondition } from './args.ts'
import type { CompiledCondition, ConditionPlace, Test } from './condition.ts'
import { containsCondition, containsLiteralCondition } from './contains.ts'
import { callerDepthCondition, contextCondition, riskAtLeastCondition, riskCondition } from './context.ts'
import { pathCondition } from './path.ts'
import { shellCondition } from './shell.ts'
import { sqlCondition } from './sql.ts'
import { urlCondition } from './url.ts'

/** Compiles a condition for where it stands. */
export function compileCondition(condition: Condition, place: ConditionPlace): CompiledCondition {
  switch (condition.kind) {
    case 'context':
    case 'risk':
    case 'risk_at_least':
    case 'caller_depth':
      return eventCondition(condition)
    case 'amount':
    case 'args':
    case 'args_only':
      return argumentCondition(condition, place)
    case 'after':
      return afterCondition(condition, place)
    case 'unless':
      return unlessCondition(condition, place)
    default:
      return meaningCondition(condition, place)
  }
}

type Kind<Name extends Condition['kind']> = Extract<Condition, { kind: Name }>

function meaningCondition(
  condition: Kind<'contains' | 'contains_literal' | 'shell' | 'sql' | 'path' | 'url'>,
  place: ConditionPlace,
): CompiledCondition {
  switch (condition.kind) {
    case 'contains':
      return containsCondition(condition, place)
    case 'contains_literal':
      return containsLiteralCondition(condition, place)
    case 'shell':
      return shellCondition(condition, place)
    case 'sql':
      return sqlCondition(condition, place)
    case 'path':
      return pathCondition(condition, place)
    case 'url':
      return urlCondition(condition, place)
    default:
      return condition satisfies never
  }
}

function argumentCondition(condition: Kind<'amount' | 'args' | 'args_only'>, place: ConditionPlace): CompiledCondition {
  switch (condition.kind) {
    case 'amount':
      return amountCondition(condition, place)
    case 'args':
      return argsCondition(condition, place)
    case 'args_only':
      return argsOnlyCondition(condition)
    default:
      return condition satisfies never
  }
}

function eventCondition(condition: Kind<'context' | 'risk' | 'risk_at_least' | 'caller_depth'>): CompiledCondition {
  switch (condition.kind) {
    case 'context':
      return contextCondition(condition)
    case 'risk':
      return riskCondition(condition)
    case 'risk_at_least':
      return riskAtLeastCondition(condition)
    case 'caller_depth':
      return callerDepthCondition(condition)
    default:
      return condition satisfies never
  }
}

/** Kleene's *and* of conditions, the cheap ones asked first; false wins whatever the order. */
export function allOf(conditions: readonly CompiledCondition[]): Test {
  const [first, second, ...rest] = conditions.toSorted((left, right) => left.cost - right.cost).map(({ test }) => test)
  if (first === undefined) return () => TRUE
  if (second === undefined) return first
  if (rest.length === 0) return both(first, second)
  return both(both(first, second), (facts) => every(rest, (test) => test(facts)))
}

function both(first: Test, second: Test): Test {
  return (facts) => {
    const value = first(facts)
    if (value === FALSE) return FALSE
    const other = second(facts)
    return other < value ? other : value
  }
}

// Kleene's *not* of the *and* of the block. What is true inside loosens where the block stands to stop, and the other
// way round, so *some* and *every* swap.
function unlessCondition(condition: Extract<Condition, { kind: 'unless' }>, place: ConditionPlace): CompiledCondition {
  const swapped: ConditionPlace = { ...place, reach: place.reach === 'wide' ? 'narrow' : 'wide' }
  const inner = condition.conditions.map((each) => compileCondition(each, swapped))
  const holds = allOf(inner)
  return {
    name: 'unless',
    cost: Math.max(0, ...inner.map(({ cost }) => cost)),
    inner,
    test: (facts) => not(holds(facts)),
    why: (facts, truth: TruthValue) => {
      if (truth !== UNKNOWN) return { text: truth === TRUE ? 'the block does not hold' : 'the block holds' }
      const stuck = inner.find(({ test }) => test(facts) === UNKNOWN)
      return stuck?.why(facts, UNKNOWN) ?? { text: 'the block is unknown' }
    },
  }
}
