import type { ShellCommand, ShellFacts } from '../facts/shell/shell-facts.ts'
import { foldText } from '../facts/text-fold.ts'
import { type CommandMeaning, isMeant } from './command-meaning.ts'
import { foldedNeedle } from './conditions/text-search.ts'
import type { CommandReader } from './fact-readers.ts'
import { type SqlMeaning, sqlMeaning } from './sql-meaning.ts'
import { TRUE } from './truth.ts'

/** A text of `contains`, and what it means where an argument is judged by its meaning. */
export interface ContainsMeaning {
  readonly text: string
  /** As it is looked for in a text. */
  readonly folded: string
  /** On a command: one command, or several with data flowing from each to the next. Undefined where it stays a text. */
  readonly stages: readonly CommandMeaning[] | undefined
  /** On SQL. Undefined where it stays a text. */
  readonly sql: SqlMeaning | undefined
}

/** Compiles a text of `contains`. Without a reader of commands it stays a text for them. */
export function containsMeaning(text: string, shell: CommandReader | undefined): ContainsMeaning {
  const folded = foldedNeedle(text)
  return {
    text,
    folded,
    stages: shell === undefined ? undefined : stagesOf(shielded(text), shell),
    sql: sqlMeaning(text),
  }
}

// A `*` or a `$X` of the policy is no pattern and no variable of its own: it is met by what a command has in its place.
function shielded(text: string): string {
  return /['"\\`]/.test(text) ? text : text.replaceAll(/[*?[$]/g, String.raw`\$&`)
}

function stagesOf(text: string, shell: CommandReader): readonly CommandMeaning[] | undefined {
  const parts = text.split('|').map((part) => part.trim())
  if (parts.length === 1) {
    const meaning = commandMeaning(text, shell)
    return meaning !== undefined && saysMore(meaning) && meansItself(text, meaning, shell) ? [meaning] : undefined
  }
  // `a || b` is no pipe: it has an empty part.
  const stages = parts.map((part) => commandMeaning(part, shell)).filter((stage) => stage !== undefined)
  return stages.length === parts.length ? stages : undefined
}

// The name of a program alone is a word like any other.
function saysMore({ flags, subcommands, wrappers }: CommandMeaning): boolean {
  return flags.length + subcommands.length + wrappers.length > 0
}

// INVARIANT: a meaning replaces a text only where it finds that text. A line that starts with it may be read as another
// command: `sh -c` alone is the shell, and with one more word it is what the shell runs.
function meansItself(text: string, meaning: CommandMeaning, shell: CommandReader): boolean {
  return shell.line(`${text} ${STAND_IN}`).commands.some((command) => isMeant(meaning, command) === TRUE)
}

/** Stands in for the value of a last option that takes one. */
const STAND_IN = 'x'

function commandMeaning(text: string, shell: CommandReader): CommandMeaning | undefined {
  if (text === '') return undefined
  const alone = onlyCommand(shell.line(text))
  if (alone !== undefined && alone.hasAllFlags) return meaningOf(alone, alone.args)
  const completed = onlyCommand(shell.line(`${text} ${STAND_IN}`))
  if (completed !== undefined && completed.hasAllFlags) return meaningOf(completed, completed.args.slice(0, -1))
  return undefined
}

// Programs that it came through may be commands of their own: `sudo` changes who runs it.
function onlyCommand({ commands }: ShellFacts): ShellCommand | undefined {
  const last = commands.at(-1)
  if (last === undefined || !last.isKnown) return undefined
  const isThrough = ({ program }: ShellCommand): boolean => program !== undefined && last.wrappers.includes(program)
  return commands.slice(0, -1).every(isThrough) ? last : undefined
}

function meaningOf(command: ShellCommand, args: ShellCommand['args']): CommandMeaning | undefined {
  const { program, subcommands, flags, wrappers } = command
  if (program === undefined || args.includes(undefined)) return undefined
  const words = args.flatMap((word) => (word === undefined ? [] : wordsOf(word, subcommands)))
  const folded = words.map(foldText).filter((word) => word !== undefined && word !== '')
  if (folded.length < words.length) return undefined
  return { program, subcommands, flags: [...flags].toSorted(), wrappers, words: folded.map(String) }
}

// Options count by their names, in whatever spelling; the value that is written with one counts as a word.
function wordsOf(word: string, subcommands: readonly string[]): readonly string[] {
  if (subcommands.includes(word)) return []
  if (!word.startsWith('-') || word === '-') return [word]
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at === -1 ? [] : [word.slice(at + 1)].filter((value) => value !== '')
}

/** What a text of `contains` means, for people: on commands, and on SQL. */
export function meaningText({ stages, sql }: ContainsMeaning, kind: 'command' | 'sql'): string {
  if (kind === 'sql') return sql === undefined ? 'the text, anywhere in the SQL' : sqlText(sql)
  if (stages === undefined) return 'the text, anywhere in the command'
  return stages.map(stageText).join(', its output fed to ')
}

function stageText({ program, subcommands, flags, wrappers, words }: CommandMeaning): string {
  const what = [program, ...subcommands].join(' ')
  const through = wrappers.length === 0 ? '' : ` through ${named(wrappers)}`
  const options = flags.length === 0 ? '' : ` with ${named(flags)}`
  return `the command \`${what}\`${through}${options}${words.length === 0 ? '' : `, on ${named(words)}`}`
}

function sqlText({ kind, object, table }: SqlMeaning): string {
  const what = `a statement of kind \`${kind}\``
  const on = object === undefined ? '' : ` of a ${object}`
  return `${what}${on}${table === undefined ? '' : ` on \`${table}\``}`
}

function named(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
