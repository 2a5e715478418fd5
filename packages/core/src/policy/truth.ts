import type { Truth } from './ruling.ts'

/** Kleene's three values as numbers: *and* is the least, *or* the greatest, *not* is `2 - x`. */
export type TruthValue = 0 | 1 | 2

export const FALSE = 0
export const UNKNOWN = 1
export const TRUE = 2

const NAMES = ['false', 'unknown', 'true'] as const satisfies readonly Truth[]

/** True or false, as a truth value; undefined is unknown. */
export function truthOf(claim: boolean | undefined): TruthValue {
  return claim === undefined ? UNKNOWN : claim ? TRUE : FALSE
}

/** Kleene's *not*. */
export function not(value: TruthValue): TruthValue {
  return value === UNKNOWN ? UNKNOWN : value === TRUE ? FALSE : TRUE
}

/** Kleene's *and* of a test over many items: false wins, then unknown; true over none. */
export function every<Item>(items: readonly Item[], test: (item: Item) => TruthValue): TruthValue {
  let all: TruthValue = TRUE
  for (const item of items) {
    const value = test(item)
    if (value === FALSE) return FALSE
    if (value === UNKNOWN) all = UNKNOWN
  }
  return all
}

/** Kleene's *or* of a test over many items: true wins, then unknown; false over none. */
export function some<Item>(items: readonly Item[], test: (item: Item) => TruthValue): TruthValue {
  let any: TruthValue = FALSE
  for (const item of items) {
    const value = test(item)
    if (value === TRUE) return TRUE
    if (value === UNKNOWN) any = UNKNOWN
  }
  return any
}

/** The name of a truth value. */
export function truthName(value: TruthValue): Truth {
  return NAMES[value]
}
