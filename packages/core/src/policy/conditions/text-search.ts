import type { Reach } from '../../action/pattern.ts'
import { holdsText } from '../../facts/find-text.ts'
import { foldText } from '../../facts/text-fold.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import { type EventFacts, type EventTexts, foldedLinesOf, foldedTextsOf } from '../event-facts.ts'
import { every, FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'

/** The most work that looking for several texts may take: the length of all texts of an event × how many are looked for. */
const MAX_CONTAINS_WORK = 32_000_000
/** What starting on a text costs, in characters. */
const START = 32

/** Looks for texts, already folded, in texts of an event. */
export type TextSearch = (facts: EventFacts, texts: EventTexts) => TruthValue

/**
 * Folded texts in some texts of an event: in one of them, or, where being true lets through, in every one. Bytes cannot be
 * read, so unless the texts decide, they make it unknown. Without any text it is false.
 */
export function textSearch(needles: readonly string[], reach: Reach): TextSearch {
  const holdsIn = (text: string): TruthValue => some(needles, (needle) => truthOf(holdsText(text, needle)))
  const holds = (facts: EventFacts, among: EventTexts): TruthValue => {
    const { text, isComplete } = foldedLinesOf(facts, among)
    const texts = foldedTextsOf(facts, among)
    const starts = reach === 'wide' ? 1 : texts.length
    if ((text.length + START * starts) * needles.length > MAX_CONTAINS_WORK) return UNKNOWN
    if (reach === 'wide') {
      const found = holdsIn(text) // a text that is looked for has no line break either
      return found === FALSE && !isComplete ? UNKNOWN : found
    }
    return texts.length === 0 ? FALSE : every(texts, (each) => (each === undefined ? UNKNOWN : holdsIn(each)))
  }
  return (facts, among) => {
    const value = holds(facts, among)
    if (value === UNKNOWN || !among.found.opaque) return value
    const decided = reach === 'wide' ? TRUE : FALSE
    return value === decided && among.found.texts.length > 0 ? value : UNKNOWN
  }
}

/** A text of the policy, folded. The empty text is in every other, so one that folds to it is refused. */
export function foldedNeedle(wanted: string): string {
  const folded = foldText(wanted)
  if (folded !== undefined && folded !== '') return folded
  throw new CapFenceError(
    'POLICY_INVALID',
    '`contains` has a text without a visible character, or one that is too long',
  )
}
