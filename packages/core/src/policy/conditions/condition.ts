import type { Reach } from '../../action/pattern.ts'
import type { ReadingPlace } from '../bound-facts.ts'
import type { EventFacts } from '../event-facts.ts'
import type { TruthValue } from '../truth.ts'

/** Judges one event. Total: never throws, and takes bounded time. */
export type Test = (facts: EventFacts) => TruthValue

/** Why a condition has its value; names fields, never what they hold. */
export interface Why {
  readonly text: string
  /** The path into `args` that is missing, where that is why. */
  readonly missingArg?: string
  /** What would make an unknown known. */
  readonly remedy?: string
}

/** A condition, compiled for one way of erring. */
export interface CompiledCondition {
  /** As the policy writes it: `amount_gt`, `args.note`. */
  readonly name: string
  readonly test: Test
  /** Dearer conditions are asked later; the order never changes the answer. */
  readonly cost: number
  readonly why: (facts: EventFacts, truth: TruthValue) => Why
  /** The conditions of an `unless` block. */
  readonly inner: readonly CompiledCondition[]
}

/** Where a condition stands. `wide`: being true stops or asks, so it means *some*; `narrow`: being true lets through, so *every*. */
export interface ConditionPlace extends ReadingPlace {
  readonly reach: Reach
}

/** Names of choices, for people: "`a`, `b`". */
export function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
