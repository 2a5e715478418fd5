import type { KnownCommand, KnownOption } from './compiled-spec.ts'
import type { Field } from './field.ts'
import type { OperandSpec, OptionSpec, WordRole } from './program-spec.ts'

/** An option that is set. */
interface SetOption {
  readonly option: OptionSpec
  readonly flag: string
  /** Its value; `isAttached` where it stands in the same word. */
  readonly value: Field | undefined
  /** The words of an option that takes several. */
  readonly words: readonly Field[]
}

/** The words of one command under its spec. */
export interface ParsedWords {
  /** The spec, then those of its sub-commands. */
  readonly levels: KnownCommand[]
  readonly subcommands: string[]
  readonly options: SetOption[]
  readonly flags: Set<string>
  readonly operands: Field[]
  /** The roles of the operands under the options that are set. */
  roles: OperandSpec
  /** Words of a command that this one starts; undefined where none is among the operands. */
  started: readonly Field[] | undefined
  hasAllFlags: boolean
  /** True where a word that nobody can know may be an option. */
  isUncertain: boolean
  /** Why it could not be read; undefined where it was. */
  fault: string | undefined
}

/** Where the parser is. */
export interface Cursor {
  readonly fields: readonly Field[]
  at: number
  level: KnownCommand
  /** True where no more options are read. */
  isOver: boolean
  readonly parsed: ParsedWords
}

/** Why a command is not read where a word that nobody can know may be an option. */
export const NOT_CERTAIN = 'a word that nobody can know may be an option'
const NO_SUBCOMMAND = 'a sub-command is not known'

/** How options are written. */
export function grammarOf(command: KnownCommand): string {
  return command.spec.grammar ?? 'gnu'
}

/** Marks the command as not read. */
export function fail(cursor: Cursor, why: string): void {
  cursor.parsed.hasAllFlags = false
  cursor.parsed.fault ??= why
}

/** Sets an option, with the value that stands in the same word or the next. */
export function setOption(cursor: Cursor, { option, flag }: KnownOption, attached: Field | undefined): void {
  const { parsed } = cursor
  const value = attached ?? (option.value === 'required' ? takeNext(cursor) : undefined)
  const words = option.value === 'until' ? takeUntil(cursor) : []
  parsed.options.push({ option, flag, value, words })
  parsed.flags.add(flag)
  if (option.opaque === true) fail(cursor, 'nobody can say what an option does')
  if (option.operands !== undefined) parsed.roles = { ...parsed.roles, ...option.operands }
  if (option.ends === true) cursor.isOver = true
}

function takeNext(cursor: Cursor): Field | undefined {
  const field = cursor.fields[cursor.at]
  cursor.at += 1
  // Blanks in it would make more words, a glob several: what is an option then is not certain.
  if (field !== undefined && field.count !== 'one') {
    cursor.parsed.hasAllFlags = false
    cursor.parsed.isUncertain = true
  }
  return field
}

function takeUntil(cursor: Cursor): readonly Field[] {
  const start = cursor.at
  while (cursor.at < cursor.fields.length) {
    cursor.at += 1
    if (isEnd(cursor.fields, cursor.at - 1)) return cursor.fields.slice(start, cursor.at - 1)
    if (mayBeEnd(cursor.fields[cursor.at - 1])) fail(cursor, NOT_CERTAIN)
  }
  return cursor.fields.slice(start)
}

function isEnd(fields: readonly Field[], at: number): boolean {
  const text = fields[at]?.text
  return text === ';' || (text === '+' && fields[at - 1]?.text?.includes('{}') === true)
}

function mayBeEnd(field: Field | undefined): boolean {
  return field !== undefined && field.text === undefined && (field.count === 'any' || field.head === '')
}

/** Reads an operand: a sub-command, the beginning of another command, or one more word. */
export function readOperand(cursor: Cursor, field: Field): void {
  const { parsed, level } = cursor
  if (level.hasSubcommands) return readSubcommand(cursor, field)
  const role = roleAt(parsed)
  if (grammarOf(level) === 'posix') cursor.isOver = true
  if (role === 'env' && isAssignment(field)) {
    parsed.operands.push(field)
    return
  }
  if (role === 'command' || (role === 'env' && commandFollows(parsed))) {
    parsed.started = cursor.fields.slice(cursor.at - 1)
    return
  }
  parsed.operands.push(field)
}

/** The role of the next operand; a place `env` stays until a word is no assignment. */
function roleAt({ roles, operands }: ParsedWords): WordRole | undefined {
  const first = roles.first ?? []
  if (first[0] === 'env' && operands.every(isAssignment)) return 'env'
  return first[operands.length] ?? roles.rest
}

function commandFollows({ roles }: ParsedWords): boolean {
  return (roles.first?.[1] ?? roles.rest) === 'command'
}

function isAssignment(field: Field): boolean {
  return /^[^=]+=/u.test(field.head)
}

function readSubcommand(cursor: Cursor, field: Field): void {
  const { parsed } = cursor
  const sub = field.text === undefined ? undefined : cursor.level.findSubcommand(field.text)
  if (field.text === undefined || sub === undefined) {
    fail(cursor, NO_SUBCOMMAND)
    parsed.operands.push(field)
    cursor.isOver = true
    return
  }
  parsed.subcommands.push(field.text)
  parsed.levels.push(sub)
  parsed.roles = sub.spec.operands ?? {}
  cursor.level = sub
  cursor.isOver = grammarOf(sub) === 'none'
  if (sub.spec.opaque === true) fail(cursor, 'nobody can say what the sub-command does')
}
