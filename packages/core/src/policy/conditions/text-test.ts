import type { Reach } from '../../action/pattern.ts'
import { regex, type Regex } from '../../facts/regex.ts'
import { foldText } from '../../facts/text-fold.ts'
import { type EventFacts, foldedOf, spacedOf } from '../event-facts.ts'
import type { ArgTest } from '../model.ts'
import { some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { globTest } from './context.ts'

/** Judges one text. */
export type TextTest = (text: string, facts: EventFacts) => TruthValue

type TextOp = Extract<ArgTest, { op: 'contains' | 'starts_with' | 'ends_with' | 'glob' | 'matches' }>

const COMPARES: { readonly [Op in Exclude<TextOp['op'], 'matches'>]: (wanted: string) => (text: string) => boolean } = {
  contains: (wanted) => (text) => text.includes(wanted),
  starts_with: (wanted) => (text) => text.startsWith(wanted),
  ends_with: (wanted) => (text) => text.endsWith(wanted),
  glob: globTest,
}

/**
 * A text operator of a matcher. Where being true lets through, the text counts exactly as it is written, and `matches`
 * must match the whole of it. Where being true stops or asks, it is enough that the text or a folded form of it fits.
 */
export function textTest({ op, text }: TextOp, reach: Reach): TextTest {
  if (op === 'matches') return regexTest(regex(text), reach)
  const fits = COMPARES[op](text)
  return reach === 'narrow' ? (value) => truthOf(fits(value)) : foldedTest(text, { fits, of: COMPARES[op] })
}

interface Compare {
  readonly fits: (text: string) => boolean
  readonly of: (wanted: string) => (text: string) => boolean
}

// Text of nothing but ignorable characters folds to the empty one, which every text contains: it counts as written only.
function foldedTest(wanted: string, { fits, of }: Compare): TextTest {
  const folded = foldText(wanted)
  const fitsFolded = folded === undefined || folded === '' ? () => false : of(folded)
  return (text, facts) => {
    if (fits(text)) return TRUE
    const seen = foldedOf(facts, text)
    return seen === undefined ? UNKNOWN : truthOf(fitsFolded(seen))
  }
}

// RE2's `\s` is ASCII, so a pattern also sees the text with its blanks and look-alikes folded, with case and without.
function regexTest(pattern: Regex, reach: Reach): TextTest {
  if (reach === 'narrow') return (text) => truthOf(pattern.matchesWhole(text))
  return (text, facts) =>
    some([text, spacedOf(facts, text), foldedOf(facts, text)], (form) =>
      form === undefined ? UNKNOWN : truthOf(pattern.search(form)),
    )
}

/** The size of the program that a text operator runs; 0 for all but `matches`. */
export function regexSize(test: ArgTest): number {
  return test.op === 'matches' ? regex(test.text).size : 0
}
