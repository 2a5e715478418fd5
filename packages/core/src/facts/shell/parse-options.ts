import type { KnownCommand, KnownOption, KnownProgram } from './compiled-spec.ts'
import { mayBeOption, restOf, type Field } from './field.ts'
import { fail, grammarOf, NOT_CERTAIN, readOperand, setOption, type Cursor, type ParsedWords } from './parsed-words.ts'
import type { WordRole } from './program-spec.ts'

const NOT_KNOWN = 'an option is not known'
/** Tells options, their values, sub-commands and operands apart, as the program would. */
export function parseWords(program: KnownProgram, fields: readonly Field[]): ParsedWords {
  const parsed: ParsedWords = {
    levels: [program],
    subcommands: [],
    options: [],
    flags: new Set(),
    operands: [],
    roles: program.spec.operands ?? {},
    started: undefined,
    hasAllFlags: true,
    isUncertain: false,
    fault: program.spec.opaque === true ? 'nobody can say what the program does' : undefined,
  }
  const cursor: Cursor = { fields, at: 0, level: program, isOver: grammarOf(program) === 'none', parsed }
  if (grammarOf(program) === 'bundled') readBundle(cursor)
  while (cursor.at < fields.length && parsed.started === undefined) {
    const field = fields[cursor.at]
    cursor.at += 1
    if (field !== undefined) readWord(cursor, field)
  }
  return parsed
}

function readWord(cursor: Cursor, field: Field): void {
  if (cursor.isOver) return readOperand(cursor, field)
  if (field.text === undefined) return readUnknown(cursor, field)
  const { text } = field
  const exact = cursor.level.options.get(text)
  if (exact !== undefined && !text.endsWith('=')) return setOption(cursor, exact, undefined)
  if (text === '--') {
    cursor.isOver = true
    return
  }
  readDashed(cursor, field, text)
}

function readDashed(cursor: Cursor, field: Field, text: string): void {
  const grammar = grammarOf(cursor.level)
  if (grammar === 'key-value') return readKey(cursor, field, text)
  if (grammar === 'none' || !isOptionLike(cursor.level, text)) return readOperand(cursor, field)
  if (text.startsWith('--')) return readLong(cursor, field, text)
  if (grammar === 'long-dash') return readLongDash(cursor, field, text)
  if (cursor.level.spec.numeric === true && /^-\d+$/u.test(text)) return
  readCluster(cursor, field, text)
}

function isDashed(text: string): boolean {
  return text.startsWith('-') && text.length > 1
}

// A plus begins options of a few programs only; to others `+x` is an operand.
function isOptionLike(level: KnownCommand, text: string): boolean {
  return isDashed(text) || (text.startsWith('+') && level.options.has(text.slice(0, 2)))
}

function readKey(cursor: Cursor, field: Field, text: string): void {
  const end = text.indexOf('=') + 1
  const known = end === 0 ? undefined : cursor.level.options.get(text.slice(0, end))
  if (known !== undefined) return setOption(cursor, known, restOf(field, end))
  if (isDashed(text) || end > 0) return notKnown(cursor, text)
  readOperand(cursor, field)
}

function readLong(cursor: Cursor, field: Field, text: string): void {
  const end = text.indexOf('=')
  const name = end === -1 ? text : text.slice(0, end)
  const known = findLong(cursor.level, name)
  if (known === 'ambiguous') return fail(cursor, 'an option is abbreviated in a way that fits several')
  if (known === undefined) return notKnown(cursor, name)
  setOption(cursor, known, end === -1 ? undefined : restOf(field, end + 1))
}

function findLong(level: KnownCommand, name: string): KnownOption | 'ambiguous' | undefined {
  const exact = level.options.get(name) ?? level.options.get(`${name}=`)
  if (exact !== undefined) return exact
  if (level.spec.grammar === 'long-dash') return level.options.get(name.slice(1))
  return level.spec.exactLong === true ? undefined : findAbbreviated(level, name)
}

function findAbbreviated(level: KnownCommand, name: string): KnownOption | 'ambiguous' | undefined {
  let found: KnownOption | undefined
  for (const each of level.longNames) {
    if (!each.startsWith(name)) continue
    const known = level.options.get(each)
    if (found !== undefined && known?.option !== found.option) return 'ambiguous'
    found = known
  }
  return found
}

function readLongDash(cursor: Cursor, field: Field, text: string): void {
  const end = text.indexOf('=')
  const known = end === -1 ? undefined : cursor.level.options.get(text.slice(0, end))
  if (known === undefined) return notKnown(cursor, text)
  setOption(cursor, known, restOf(field, end + 1))
}

/** Options of one letter behind one dash; the first that takes a value takes the rest of the word. */
function readCluster(cursor: Cursor, field: Field, text: string): void {
  const sign = text[0] ?? '-'
  for (let index = 1; index < text.length; index++) {
    const known = cursor.level.options.get(sign + (text[index] ?? ''))
    if (known === undefined) return notKnown(cursor, text.slice(index))
    const value = known.option.value ?? 'none'
    if (value === 'none') setOption(cursor, known, undefined)
    else return setOption(cursor, known, index + 1 < text.length ? restOf(field, index + 1) : undefined)
  }
}

function readBundle(cursor: Cursor): void {
  const text = cursor.fields[0]?.text
  if (text === undefined || isDashed(text) || cursor.level.options.has(text) || text === '') return
  cursor.at = 1
  // Each that needs a value takes the next word, in turn.
  for (const letter of text) {
    const known = cursor.level.options.get(`-${letter}`)
    if (known === undefined) return notKnown(cursor, text)
    setOption(cursor, known, undefined)
  }
}

/** A word that is not known, where an option may stand. */
function readUnknown(cursor: Cursor, field: Field): void {
  const grammar = grammarOf(cursor.level)
  if (grammar === 'key-value') return fail(cursor, NOT_CERTAIN)
  if (!mayBeOption(field)) return readOperand(cursor, field)
  const known = field.count === 'any' ? undefined : headOption(cursor, field)
  if (known !== undefined) return setOption(cursor, known.known, restOf(field, known.length))
  cursor.parsed.hasAllFlags = false
  cursor.parsed.isUncertain = true
  if (cursor.level.hasSubcommands || startsCommand(cursor)) fail(cursor, NOT_CERTAIN)
  readOperand(cursor, field)
}

interface HeadOption {
  readonly known: KnownOption
  readonly length: number
}

/** The option that a word sets whose value alone is not known: `--output=$X`. */
function headOption(cursor: Cursor, { head }: Field): HeadOption | undefined {
  const end = head.indexOf('=')
  if (!isDashed(head) || end === -1) return undefined
  const known = findLong(cursor.level, head.slice(0, end))
  if (known === undefined || known === 'ambiguous') return undefined
  return { known, length: end + 1 }
}

function startsCommand({ parsed: { roles } }: Cursor): boolean {
  return [...(roles.first ?? []), roles.rest, roles.last].some((role) => role !== undefined && STARTING.includes(role))
}

const STARTING: readonly WordRole[] = ['command', 'shell', 'env']

function notKnown(cursor: Cursor, name: string): void {
  cursor.parsed.hasAllFlags = false
  if (cursor.level.spec.otherOptions !== 'plain') return fail(cursor, NOT_KNOWN)
  for (const flag of name.startsWith('-') ? [name.replace(/^-+|=.*$/gsu, '')] : name) cursor.parsed.flags.add(flag)
}
