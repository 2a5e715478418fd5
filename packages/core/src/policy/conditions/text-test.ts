import type { Reach } from '../../action/pattern.ts'
import type { ArgValues } from '../../facts/arg-path.ts'
import { holdsText, isTooLongToFind } from '../../facts/find-text.ts'
import { MAX_REGEX_WORK, regex, type Regex } from '../../facts/regex.ts'
import { foldText } from '../../facts/text-fold.ts'
import { type EventFacts, foldedOf, spacedOf } from '../event-facts.ts'
import type { ArgTest } from '../model.ts'
import { FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { globTest, longestInGlob } from './context.ts'

/** Judges one text. */
export type TextTest = (text: string, facts: EventFacts) => TruthValue

type TextOp = Extract<ArgTest, { op: 'contains' | 'starts_with' | 'ends_with' | 'glob' | 'matches' }>

/** Whether a text fits; undefined where finding out could take too long. */
type Fits = (text: string) => boolean | undefined

const COMPARES: { readonly [Op in Exclude<TextOp['op'], 'matches'>]: (wanted: string) => Fits } = {
  contains: (wanted) => (text) => holdsText(text, wanted),
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
  readonly fits: Fits
  readonly of: (wanted: string) => Fits
}

// Text of nothing but ignorable characters folds to the empty one, which every text contains: it counts as written only.
function foldedTest(wanted: string, { fits, of }: Compare): TextTest {
  const folded = foldText(wanted)
  const fitsFolded = folded === undefined || folded === '' ? () => false : of(folded)
  return (text, facts) => {
    const asWritten = truthOf(fits(text))
    if (asWritten === TRUE) return TRUE
    const seen = foldedOf(facts, text)
    if (seen === undefined) return UNKNOWN
    if (seen === text && folded === wanted) return asWritten
    const asSeen = truthOf(fitsFolded(seen))
    return asSeen === FALSE ? asWritten : asSeen
  }
}

// RE2's `\s` is ASCII, so a pattern also sees the text with its blanks and look-alikes folded, with case and without.
function regexTest(pattern: Regex, reach: Reach): TextTest {
  if (reach === 'narrow') return (text) => truthOf(pattern.matchesWhole(text))
  return (text, facts) =>
    some([...new Set([text, spacedOf(facts, text), foldedOf(facts, text)])], (form) =>
      form === undefined ? UNKNOWN : truthOf(pattern.search(form)),
    )
}

/** What starting on a text costs, in characters. */
const START = 32

/** Whether a text operator could take too long over all of some values: each may be short enough while thousands are not. */
export function textsWork({ op, text }: TextOp): (values: ArgValues) => boolean {
  switch (op) {
    case 'matches': {
      const { size } = regex(text)
      return (values) => size * lengthOf(values, START) > MAX_REGEX_WORK
    }
    case 'contains':
    case 'glob': {
      const longest = op === 'glob' ? longestInGlob(text) : text.length
      return (values) => isTooLongToFind(longest, lengthOf(values, 0))
    }
    case 'starts_with':
    case 'ends_with':
      return () => false
    default:
      return op satisfies never
  }
}

function lengthOf(values: ArgValues, start: number): number {
  return values.reduce((sum: number, value) => sum + (typeof value === 'string' ? value.length + start : 0), 0)
}
