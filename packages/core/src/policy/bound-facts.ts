import type { ActionEvent } from '../action/action-event.ts'
import type { ToolBinding } from '../action/tool-binding.ts'
import type { PathFacts, PathReading } from '../facts/path/path-facts.ts'
import { readPath } from '../facts/path/read-path.ts'
import type { ShellFacts } from '../facts/shell/shell-facts.ts'
import type { SqlFacts } from '../facts/sql/sql-facts.ts'
import { readUrl } from '../facts/url/read-url.ts'
import type { UrlFacts } from '../facts/url/url-facts.ts'
import { argumentsOf, type CommandArgument, type CommandValue, type EventArguments } from './arguments-of.ts'
import type { EventFacts } from './event-facts.ts'
import { type FactReaders, NO_READERS } from './fact-readers.ts'
import type { ToolBindings } from './tool-bindings.ts'

/** A command of an event, as it was read. */
export interface CommandReading {
  /** The argument that holds it. */
  readonly name: string
  readonly facts: ShellFacts
  /** What was read, as one text: the line, or the words with a blank between them. Spans of the facts are places in it. */
  readonly source: string
}

/** An SQL text of an event, as it was read. */
export interface SqlReading {
  readonly name: string
  readonly facts: SqlFacts
  readonly source: string
}

/** A path of an event, as it was read. */
export interface PathReadings {
  readonly name: string
  /** Links resolved, where the machine can be asked. */
  readonly facts: PathFacts
  /** By its text alone. */
  readonly asWritten: PathFacts
}

/** A URL of an event, as it was read. */
export interface UrlReading {
  readonly name: string
  readonly facts: UrlFacts
}

/** What an event's arguments mean; each part is read once, when first asked for. */
export interface EventMeaning {
  readonly arguments: EventArguments
  readonly binding: ToolBinding | undefined
  commands: readonly CommandReading[] | undefined
  sql: readonly SqlReading[] | undefined
  paths: readonly PathReadings[] | undefined
  urls: readonly UrlReading[] | undefined
  /** What commands are done to, by folder and text. */
  targets: Map<string, TargetReading> | undefined
}

/** What a command is done to, as it was read. */
export type TargetReading = Omit<PathReadings, 'name'>

/** What reading events' arguments takes, and what was read of them. */
export interface ReadingPlace {
  readonly bindings: ToolBindings
  readonly readers: FactReaders
  /** So that one event is always judged, planned and recorded by the same reading. */
  readonly meanings: WeakMap<ActionEvent, EventMeaning>
}

/** A place of which nothing was read yet. */
export function readingPlace(bindings: ToolBindings, readers: FactReaders = NO_READERS): ReadingPlace {
  return { bindings, readers, meanings: new WeakMap() }
}

/** The event's arguments that are judged by what they mean. */
export function meaningOf(facts: EventFacts, place: ReadingPlace): EventMeaning {
  facts.meaning ??= keptMeaning(facts.event, place)
  return facts.meaning
}

function keptMeaning(event: ActionEvent, { bindings, meanings }: ReadingPlace): EventMeaning {
  const known = meanings.get(event)
  if (known !== undefined) return known
  const binding = event.tool === undefined ? undefined : bindings.bindingOf(event.tool)
  const given = argumentsOf(event, binding)
  const made = {
    arguments: given,
    binding,
    commands: undefined,
    sql: undefined,
    paths: undefined,
    urls: undefined,
    targets: undefined,
  }
  meanings.set(event, made)
  return made
}

/** The event's commands; none where it has none. */
export function commandsOf(facts: EventFacts, place: ReadingPlace): readonly CommandReading[] {
  const meaning = meaningOf(facts, place)
  meaning.commands ??= meaning.arguments.commands.map((each) => readCommand(each, place.readers))
  return meaning.commands
}

/** The event's SQL texts; none where it has none. */
export function sqlOf(facts: EventFacts, place: ReadingPlace): readonly SqlReading[] {
  const meaning = meaningOf(facts, place)
  const readers = meaning.binding?.dialect === 'postgres' ? place.readers : undefined
  meaning.sql ??= meaning.arguments.sql.map(({ name, value }) => {
    return { name, source: value ?? '', facts: readSqlText(value, readers) }
  })
  return meaning.sql
}

/** The event's paths; none where it has none. */
export function pathsOf(facts: EventFacts, place: ReadingPlace): readonly PathReadings[] {
  const meaning = meaningOf(facts, place)
  const { root, decodes = false } = meaning.binding ?? {}
  meaning.paths ??= meaning.arguments.paths.map(({ name, value }) => {
    return { name, ...readBothWays(value, { root, decodes, links: place.readers.links }) }
  })
  return meaning.paths
}

/** The event's URLs; none where it has none. */
export function urlsOf(facts: EventFacts, place: ReadingPlace): readonly UrlReading[] {
  const meaning = meaningOf(facts, place)
  meaning.urls ??= meaning.arguments.urls.map(({ name, value }) => ({
    name,
    facts: value === undefined ? NO_TEXT : safely(() => readUrl(value), FAILED),
  }))
  return meaning.urls
}

/** Where a command's target is read from. */
interface TargetPlace extends Pick<PathReading, 'root' | 'links'> {
  readonly meaning: EventMeaning
}

/** A path that a command is done to, read once an event. */
export function targetOf(text: string, { meaning, root, links }: TargetPlace): TargetReading {
  meaning.targets ??= new Map()
  const key = `${links === undefined ? 'text' : 'real'}\0${root ?? ''}\0${text}`
  const known = meaning.targets.get(key)
  if (known !== undefined) return known
  const made = readBothWays(text, { root, decodes: false, links })
  meaning.targets.set(key, made)
  return made
}

const WHY_NO_TEXT = 'it is no text, or too many'
const NO_TEXT = { kind: 'opaque', why: WHY_NO_TEXT } as const
const FAILED = { kind: 'opaque', why: 'it could not be read' } as const

// A path with its links resolved, where the machine can be asked, and by its text alone.
function readBothWays(text: string | undefined, reading: PathReading): TargetReading {
  if (text === undefined) return { facts: NO_TEXT, asWritten: NO_TEXT }
  const facts = safely(() => readPath(text, reading), FAILED)
  if (reading.links === undefined) return { facts, asWritten: facts }
  return { facts, asWritten: safely(() => readPath(text, { ...reading, links: undefined }), FAILED) }
}

function readCommand({ name, value }: CommandArgument, { shell }: FactReaders): CommandReading {
  const source = sourceOf(value)
  const whole = (why: string): ShellFacts => opaqueCommand(why, source.length)
  if (value.kind === 'opaque') return { name, source, facts: whole(`it ${value.why}`) }
  if (value.kind === 'line' && value.shell !== 'bash' && value.shell !== 'sh') {
    return { name, source, facts: whole(`no analyser reads the shell \`${value.shell}\``) }
  }
  if (shell === undefined) return { name, source, facts: whole('there is nothing to read commands with') }
  const read = (): ShellFacts => (value.kind === 'argv' ? shell.argv(value.argv) : shell.line(value.text))
  return { name, source, facts: safely(read, undefined) ?? whole('it could not be read') }
}

function sourceOf(value: CommandValue): string {
  if (value.kind === 'opaque') return ''
  return value.kind === 'argv' ? value.argv.join(' ') : value.text
}

function opaqueCommand(why: string, end: number): ShellFacts {
  const opaque = [{ why, span: { start: 0, end } }]
  return { commands: [], effects: [], flows: [], opaque, words: [], unread: [], argv: undefined }
}

function readSqlText(text: string | undefined, readers: FactReaders | undefined): SqlFacts {
  if (text === undefined) return opaqueSql(WHY_NO_TEXT)
  if (readers === undefined) return opaqueSql('no analyser reads its dialect')
  const { sql } = readers
  if (sql === undefined) return opaqueSql('there is nothing to read SQL with')
  return safely(() => sql.text(text), opaqueSql('it could not be read'))
}

function opaqueSql(why: string): SqlFacts {
  return { statements: [], opaque: [why] }
}

// A fault inside a reader: nobody knows what it would have found, so what it was to read stays unread.
function safely<Found, Otherwise>(read: () => Found, otherwise: Otherwise): Found | Otherwise {
  try {
    return read()
  } catch {
    return otherwise
  }
}
