import { holdsText } from '../../facts/find-text.ts'
import type { ShellCommand } from '../../facts/shell/shell-facts.ts'
import type { CommandReading, SqlReading } from '../bound-facts.ts'
import { type CommandMeaning, isMeant } from '../command-meaning.ts'
import type { ContainsMeaning } from '../contains-meaning.ts'
import { type EventFacts, foldedOf } from '../event-facts.ts'
import type { SqlMeaning } from '../sql-meaning.ts'
import { every, FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { flowTruth } from './flows.ts'
import { nameTest } from './sql-keys.ts'

/** Whether a text of `contains` is meant by a command. */
export function holdsInCommand(meaning: ContainsMeaning, reading: CommandReading, facts: EventFacts): TruthValue {
  const { stages, folded } = meaning
  if (stages === undefined) return holdsAsText(folded, reading, facts)
  const { opaque, unread } = reading.facts
  const done = stagesTruth(stages, reading)
  if (done === TRUE) return TRUE
  // Of what nobody can say what it runs, the text counts as it stands, and as the program gets it.
  const spans = [...unread, ...opaque.map(({ span }) => span)]
  const texts = [
    ...spans.map(({ start, end }) => reading.source.slice(start, end)),
    ...reading.facts.commands.filter(isUnread).map(({ args }) => args.filter((arg) => arg !== undefined).join(' ')),
  ]
  const written = some(texts, (text) => holdsIn(folded, text, facts))
  if (written === TRUE) return TRUE
  return done === UNKNOWN || written === UNKNOWN || opaque.length > 0 ? UNKNOWN : FALSE
}

function isUnread({ isKnown, isElsewhere, effects }: ShellCommand): boolean {
  return !isKnown || isElsewhere || effects.some(({ kind }) => kind === 'exec.unknown' || kind.startsWith('code.'))
}

// Anywhere in the line as it is written, or in its words as the shell would make them.
function holdsAsText(folded: string, { source, facts: shell }: CommandReading, facts: EventFacts): TruthValue {
  const found = some([source, shell.words.join(' ')], (text) => holdsIn(folded, text, facts))
  if (found === TRUE || shell.opaque.length > 0) return found === TRUE ? TRUE : UNKNOWN
  const isDynamic = shell.commands.some(({ args }) => args.includes(undefined))
  return found === UNKNOWN || isDynamic ? UNKNOWN : FALSE
}

function holdsIn(folded: string, text: string, facts: EventFacts): TruthValue {
  const seen = foldedOf(facts, text)
  return seen === undefined ? UNKNOWN : truthOf(holdsText(seen, folded))
}

function stagesTruth(stages: readonly CommandMeaning[], { facts: { commands, flows } }: CommandReading): TruthValue {
  const [only, ...more] = stages
  if (only === undefined) return UNKNOWN
  if (more.length === 0) return some(commands, (command) => isMeant(only, command))
  return flowTruth(
    stages.map((stage) => commands.map((command) => isMeant(stage, command))),
    flows,
  )
}

/** Whether a text of `contains` is meant by an SQL text. */
export function holdsInSql({ folded, sql }: ContainsMeaning, reading: SqlReading, facts: EventFacts): TruthValue {
  const { statements, opaque } = reading.facts
  const found = sql === undefined ? inSqlText(folded, reading, facts) : some(statements, statementTest(sql))
  if (found === TRUE || opaque.length === 0) return found
  // What could not be read may be it, and where it says so, it is.
  return holdsIn(folded, reading.source, facts) === TRUE ? TRUE : UNKNOWN
}

function inSqlText(folded: string, { source, facts: { statements } }: SqlReading, facts: EventFacts): TruthValue {
  const names = statements.flatMap(({ reads, writes, functions }) => [...reads, ...writes, ...functions])
  return some([source, names.join(' ')], (text) => holdsIn(folded, text, facts))
}

function statementTest({
  kind,
  object,
  table,
}: SqlMeaning): (statement: SqlReading['facts']['statements'][number]) => TruthValue {
  const matches = table === undefined ? undefined : nameTest([table], 'wide')
  return (statement) => {
    if (statement.kind !== kind) return FALSE
    const isObject =
      object === undefined
        ? TRUE
        : truthOf(statement.object === undefined ? undefined : statement.object.toLowerCase() === object)
    const isTable = matches === undefined ? TRUE : some([...statement.writes, ...statement.reads], matches)
    return every([isObject, isTable], (value) => value)
  }
}
