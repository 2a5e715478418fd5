import { foldText } from '../../facts/text-fold.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import { foldedTextsOf, type EventFacts, textsOf } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { every, FALSE, some, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import { type CompiledCondition, type ConditionPlace, listed } from './condition.ts'

/**
 * A text in the string values of `args`, after folding: in some of them, or, where being true lets through, in every
 * one. Bytes cannot be read, so unless the texts decide, they make it unknown. Without any text it is false.
 */
export function containsCondition(
  { texts: wanted }: Extract<Condition, { kind: 'contains' }>,
  { reach }: ConditionPlace,
): CompiledCondition {
  const needles = wanted.map(foldedText)
  const holdsIn = (text: string | undefined): TruthValue => {
    if (text === undefined) return UNKNOWN
    for (const needle of needles) if (text.includes(needle)) return TRUE
    return FALSE
  }
  const holds = (facts: EventFacts): TruthValue => {
    const texts = foldedTextsOf(facts)
    if (reach === 'wide') return some(texts, holdsIn)
    return texts.length === 0 ? FALSE : every(texts, holdsIn)
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
        : { text: 'a text in `args` is too long to fold', remedy: 'pass less text in one call' }
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
