import { holdsText } from '../../facts/find-text.ts'
import { foldText } from '../../facts/text-fold.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import { foldedLinesOf, foldedTextsOf, type EventFacts, textsOf } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { every, FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { type CompiledCondition, type ConditionPlace, listed } from './condition.ts'

/** The most work that looking for several texts may take: the length of all texts of an event × how many are looked for. */
const MAX_CONTAINS_WORK = 32_000_000
/** What starting on a text costs, in characters. */
const START = 32

/**
 * A text in the string values of `args`, after folding: in some of them, or, where being true lets through, in every
 * one. Bytes cannot be read, so unless the texts decide, they make it unknown. Without any text it is false.
 */
export function containsCondition(
  { texts: wanted }: Extract<Condition, { kind: 'contains' }>,
  { reach }: ConditionPlace,
): CompiledCondition {
  const needles = wanted.map(foldedText)
  const holdsIn = (text: string): TruthValue => some(needles, (needle) => truthOf(holdsText(text, needle)))
  const holds = (facts: EventFacts): TruthValue => {
    const { text, isComplete } = foldedLinesOf(facts)
    const texts = foldedTextsOf(facts)
    const starts = reach === 'wide' ? 1 : texts.length
    if ((text.length + START * starts) * needles.length > MAX_CONTAINS_WORK) return UNKNOWN
    if (reach === 'wide') {
      const found = holdsIn(text) // a text that is looked for has no line break either
      return found === FALSE && !isComplete ? UNKNOWN : found
    }
    return texts.length === 0 ? FALSE : every(texts, (each) => (each === undefined ? UNKNOWN : holdsIn(each)))
  }
  return {
    name: 'contains',
    cost: 4,
    inner: [],
    test: (facts) => {
      const value = holds(facts)
      if (value === UNKNOWN || !textsOf(facts).opaque) return value
      const decided = reach === 'wide' ? TRUE : FALSE
      return value === decided && textsOf(facts).texts.length > 0 ? value : UNKNOWN
    },
    why: (facts, truth) => {
      if (truth !== UNKNOWN)
        return { text: `${truth === TRUE ? 'found' : 'did not find'} ${listed(wanted)} in \`args\`` }
      const { opaque } = textsOf(facts)
      return opaque
        ? { text: '`args` hold bytes, which cannot be read as text', remedy: 'pass text instead of bytes' }
        : { text: 'the texts in `args` are too long to judge', remedy: 'pass less text in one call' }
    },
  }
}

// The empty text is in every other, so a text that folds to it would say nothing.
function foldedText(wanted: string): string {
  const folded = foldText(wanted)
  if (folded !== undefined && folded !== '') return folded
  throw new CapFenceError(
    'POLICY_INVALID',
    '`contains` has a text without a visible character, or one that is too long',
  )
}
