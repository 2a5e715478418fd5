import { commandsOf, meaningOf, sqlOf } from '../bound-facts.ts'
import { type ContainsMeaning, containsMeaning } from '../contains-meaning.ts'
import { type EventFacts, looseTextsOf, textsOf } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { FALSE, some, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import { type CompiledCondition, type ConditionPlace, listed, type Why } from './condition.ts'
import { holdsInCommand, holdsInSql } from './meant-texts.ts'
import { noArgument, unreadArgument } from './readings.ts'
import { foldedNeedle, type TextSearch, textSearch } from './text-search.ts'

type ContainsCondition = Extract<Condition, { kind: 'contains' | 'contains_literal' }>

/**
 * A text in the string values of `args`, after folding. In an argument that is a command or SQL, what the text means is
 * looked for in place of it.
 */
export function containsCondition({ texts }: ContainsCondition, place: ConditionPlace): CompiledCondition {
  const { reach, readers } = place
  const meanings = texts.map((text) => containsMeaning(text, readers.shell))
  const search = textSearch(
    meanings.map(({ folded }) => folded),
    reach,
  )
  const test = (facts: EventFacts): TruthValue => {
    const { meant, missing } = meaningOf(facts, place).arguments
    const inTexts = search(facts, looseTextsOf(facts, meant))
    const isMissing = missing.includes('command') || missing.includes('sql')
    if (meant.length === 0 && !isMissing) return inTexts
    // A text in a command proves nothing safe, so nothing rests on finding one.
    if (reach === 'narrow') return inTexts === FALSE ? FALSE : UNKNOWN
    if (inTexts === TRUE) return TRUE
    const inMeaning = meantTruth(facts, meanings, place)
    const sure = inMeaning > inTexts ? inMeaning : inTexts
    return sure === FALSE && isMissing ? UNKNOWN : sure
  }
  return {
    name: 'contains',
    cost: 7,
    inner: [],
    test,
    why: (facts, truth) => containsWhy(facts, truth, { texts, meanings, place, search }),
  }
}

/** A text in the string values of `args`, after folding, whatever they mean. */
export function containsLiteralCondition(
  { texts }: ContainsCondition,
  { reach }: Pick<ConditionPlace, 'reach'>,
): CompiledCondition {
  const search = textSearch(texts.map(foldedNeedle), reach)
  return {
    name: 'contains_literal',
    cost: 4,
    inner: [],
    test: (facts) => search(facts, textsOf(facts)),
    why: (facts, truth) => textWhy(facts, truth, texts),
  }
}

/** The most work that finding what is meant may take: the length of what is read × how many texts are looked for. */
const MAX_MEANT_WORK = 32_000_000
/** What looking at a command or a statement costs, in characters. */
const PART = 64

function isTooMuch(facts: EventFacts, count: number, place: ConditionPlace): boolean {
  let length = 0
  for (const { source, facts: command } of commandsOf(facts, place)) {
    length += 2 * source.length + PART * (command.commands.length + command.flows.length)
  }
  for (const { source, facts: sql } of sqlOf(facts, place)) length += 2 * source.length + PART * sql.statements.length
  return length * count > MAX_MEANT_WORK
}

function meantTruth(facts: EventFacts, meanings: readonly ContainsMeaning[], place: ConditionPlace): TruthValue {
  if (isTooMuch(facts, meanings.length, place)) return UNKNOWN
  const inCommand = (meaning: ContainsMeaning): TruthValue =>
    some(commandsOf(facts, place), (reading) => holdsInCommand(meaning, reading, facts))
  const inSql = (meaning: ContainsMeaning): TruthValue =>
    some(sqlOf(facts, place), (reading) => holdsInSql(meaning, reading, facts))
  return some([inCommand, inSql], (holdsIn) => some(meanings, holdsIn))
}

interface Explained {
  readonly texts: readonly string[]
  readonly meanings: readonly ContainsMeaning[]
  readonly place: ConditionPlace
  readonly search: TextSearch
}

function containsWhy(facts: EventFacts, truth: TruthValue, explained: Explained): Why {
  const { texts, place, search } = explained
  if (truth !== UNKNOWN) return textWhy(facts, truth, texts)
  const { meant, missing } = meaningOf(facts, place).arguments
  if (search(facts, looseTextsOf(facts, meant)) === UNKNOWN) return textWhy(facts, truth, texts)
  const [kind] = missing.filter((each) => each === 'command' || each === 'sql')
  return kind === undefined ? unreadWhy(facts, explained) : noArgument(kind, facts, place)
}

const DYNAMIC = 'a part of it is known only when it runs'

function unreadWhy(facts: EventFacts, { meanings, place }: Explained): Why {
  if (isTooMuch(facts, meanings.length, place)) {
    return { text: 'what `args` mean is too long to judge', remedy: 'pass less in one call' }
  }
  const command = commandsOf(facts, place).find((each) =>
    meanings.some((meaning) => holdsInCommand(meaning, each, facts) === UNKNOWN),
  )
  if (command !== undefined) return unreadArgument(command.name, command.facts.opaque[0]?.why ?? DYNAMIC)
  const sql = sqlOf(facts, place).find((each) =>
    meanings.some((meaning) => holdsInSql(meaning, each, facts) === UNKNOWN),
  )
  return unreadArgument(sql?.name ?? '', sql?.facts.opaque[0] ?? DYNAMIC)
}

function textWhy(facts: EventFacts, truth: TruthValue, wanted: readonly string[]): Why {
  if (truth !== UNKNOWN) return { text: `${truth === TRUE ? 'found' : 'did not find'} ${listed(wanted)} in \`args\`` }
  return textsOf(facts).found.opaque
    ? { text: '`args` hold bytes, which cannot be read as text', remedy: 'pass text instead of bytes' }
    : { text: 'the texts in `args` are too long to judge', remedy: 'pass less text in one call' }
}
