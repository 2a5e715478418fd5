import type { ActionEvent } from '../action/action-event.ts'
import type { Shell, ToolBinding } from '../action/tool-binding.ts'
import { type Json, type JsonObject, ownValue } from '../kernel/json.ts'

/** What a command argument holds: a line for a shell, a program and its words, or what is neither. */
export type CommandValue =
  | { readonly kind: 'line'; readonly text: string; readonly shell: Shell }
  | { readonly kind: 'argv'; readonly argv: readonly string[] }
  | { readonly kind: 'opaque'; readonly why: string }

/** A command, and the argument that holds it. */
export interface CommandArgument {
  readonly name: string
  readonly value: CommandValue
}

/** An SQL text, a path or a URL, and the argument that holds it; undefined for what is no text, or one of too many. */
interface TextArgument {
  readonly name: string
  readonly value: string | undefined
}

/** Kinds of arguments that are judged by what they mean. */
export type ArgumentKind = 'command' | 'sql' | 'path' | 'url'

/** The arguments of an event that are judged by what they mean. A kind without any value is unknown. */
export interface EventArguments {
  readonly commands: readonly CommandArgument[]
  readonly sql: readonly TextArgument[]
  readonly paths: readonly TextArgument[]
  readonly urls: readonly TextArgument[]
  /** The folder that commands start in: the text of the bound argument, where that is one. */
  readonly cwd: string | undefined
  /** Names of arguments that are commands or SQL, so that no text is looked for in them. */
  readonly meant: readonly string[]
  /** Kinds that the tool binds, and that the event has no value for. */
  readonly missing: readonly ArgumentKind[]
}

/** The names that are judged where a tool binds none of their kind. SQL has none: its dialect must be declared. */
export const DEFAULT_NAMES = {
  command: ['command', 'cmd'],
  path: ['path', 'file_path', 'filename'],
  url: ['url', 'uri'],
} as const

/** The argument that holds the words of a command which is a program. */
const WORDS = 'args'

/**
 * Which arguments of an event are commands, SQL, paths and URLs: those that its tool binds, else, for each kind that it
 * binds none of, those of the default names that are present.
 */
export function argumentsOf(event: Pick<ActionEvent, 'args'>, binding: ToolBinding | undefined): EventArguments {
  const { args } = event
  const bound = binding ?? NO_BINDING
  const commands = commandsIn(args, bound)
  const found = {
    sql: textsAt(args, bound.sql ?? NO_NAMES, MAX_SQL_TEXTS),
    paths: textsAt(args, bound.path ?? DEFAULT_NAMES.path, MAX_TEXTS),
    urls: textsAt(args, bound.url ?? DEFAULT_NAMES.url, MAX_TEXTS),
  }
  const names = [...commands, ...found.sql].map(({ name }) => name)
  return {
    commands,
    ...found,
    cwd: cwdOf(args, bound),
    meant: commands.some(({ name }) => takesWords(args, name)) ? [...names, WORDS] : names,
    missing: missingKinds(bound, { command: commands, sql: found.sql, path: found.paths, url: found.urls }),
  }
}

function cwdOf(args: JsonObject, { cwd }: Partial<ToolBinding>): string | undefined {
  const folder = cwd === undefined ? undefined : ownValue(args, cwd)
  return typeof folder === 'string' ? folder : undefined
}

type Found = Readonly<Record<ArgumentKind, readonly unknown[]>>

const KINDS = ['command', 'sql', 'path', 'url'] as const satisfies ArgumentKind[]

function missingKinds(bound: Partial<ToolBinding>, found: Found): readonly ArgumentKind[] {
  return KINDS.filter((kind) => bound[kind] !== undefined && found[kind].length === 0)
}

const NO_BINDING: Omit<ToolBinding, 'capability'> = {}
const NO_NAMES: readonly string[] = []

/** The most paths, and the most URLs, of one argument: each may take several calls to the system. */
const MAX_TEXTS = 1024
/** The most SQL texts of one argument. */
const MAX_SQL_TEXTS = 64

function textsAt(args: JsonObject, names: readonly string[], most: number): readonly TextArgument[] {
  const found: TextArgument[] = []
  for (const name of names) {
    const value = ownValue(args, name)
    if (value === undefined) continue
    if (!Array.isArray(value)) found.push({ name, value: textOf(value) })
    else if (value.length === 0 || value.length > most) found.push({ name, value: undefined })
    else for (const item of value as readonly Json[]) found.push({ name, value: textOf(item) }) // forgotten by `isArray`
  }
  return found
}

function textOf(value: Json): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function commandsIn(args: JsonObject, { command, shell = 'bash' }: Partial<ToolBinding>): readonly CommandArgument[] {
  const names: readonly string[] = command ?? DEFAULT_NAMES.command
  const found: CommandArgument[] = []
  const hasProgram = names.some((name) => takesWords(args, name))
  for (const name of names) {
    const value = ownValue(args, name)
    // Its words are read with the program that they follow.
    if (value === undefined || (name === WORDS && hasProgram)) continue
    const words = takesWords(args, name) ? ownValue(args, WORDS) : undefined
    for (const each of commandValues(value, { words, shell })) found.push({ name, value: inShell(each, shell) })
  }
  return found
}

function takesWords(args: JsonObject, name: string): boolean {
  return name !== WORDS && ownValue(args, name) !== undefined && ownValue(args, WORDS) !== undefined
}

// Another shell may make one line of the words: it, and not the system, says what they mean.
function inShell(value: CommandValue, shell: Shell): CommandValue {
  if (value.kind !== 'argv' || shell === 'bash' || shell === 'sh') return value
  return { kind: 'line', text: value.argv.join(' '), shell }
}

interface Reading {
  readonly words: Json | undefined
  readonly shell: Shell
}

function commandValues(value: Json, { words, shell }: Reading): readonly CommandValue[] {
  const own = ownCommand(value, shell)
  if (words === undefined || own.kind === 'opaque' || (Array.isArray(words) && words.length === 0)) return [own]
  const more = argvOf(words)
  if (more?.kind !== 'argv') return [opaque('has beside it `args` that are no list of texts')]
  const program = own.kind === 'line' ? [own.text] : own.argv
  const whole: CommandValue = { kind: 'argv', argv: [...program, ...more.argv] }
  // A tool may take a program and its words, or a line for a shell and not look at `args`: where these differ, both count.
  return own.kind === 'line' && PLAIN_WORD.test(own.text) ? [whole] : [whole, own]
}

function ownCommand(value: Json, shell: Shell): CommandValue {
  if (typeof value === 'string') return { kind: 'line', text: value, shell }
  return argvOf(value) ?? opaque('is neither a text nor a list of texts')
}

const PLAIN_WORD = /^[A-Za-z0-9_./+-]+$/

function argvOf(value: Json): CommandValue | undefined {
  if (!Array.isArray(value)) return undefined
  const words = (value as readonly Json[]).filter((item) => typeof item === 'string') // forgotten by `isArray`
  if (words.length < value.length) return undefined
  return words.length === 0 ? opaque('is an empty list') : { kind: 'argv', argv: words }
}

function opaque(why: string): CommandValue {
  return { kind: 'opaque', why }
}
