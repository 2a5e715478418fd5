import type { TextEffect, TextReading } from './text-reading.ts'

/** Effects of a command; undefined where it could not be read. */
type Found = readonly TextEffect[] | undefined

/** Where the reader is in a script. */
interface Cursor {
  readonly text: string
  at: number
}

const STREAMS = ['/dev/stdout', '/dev/stderr', '/dev/stdin']
const UNREAD: TextReading = [{ kind: 'code.inline' }]

/**
 * What a script of `sed` does beyond filtering: the files of `r`, `R`, `w` and `W`, and `code.inline` for `e` and for all
 * that this reader cannot follow to its end. A stretch counts as data only where GNU and BSD agree that it is.
 */
export function sedEffects(script: string | undefined): TextReading {
  // For BSD, an empty word after `-i` is no script: that is the next word.
  if (script === undefined || script === '') return UNREAD
  const cursor: Cursor = { text: script, at: 0 }
  const effects: TextEffect[] = []
  while (skip(cursor, /[\s;]*/uy)) {
    const found = readCommand(cursor)
    if (found === undefined) return UNREAD
    effects.push(...found)
  }
  return effects
}

/** Passes over what matches; false at the end of the text. */
function skip(cursor: Cursor, pattern: RegExp): boolean {
  pattern.lastIndex = cursor.at
  cursor.at += pattern.exec(cursor.text)?.[0].length ?? 0
  return cursor.at < cursor.text.length
}

function readCommand(cursor: Cursor): Found {
  if (!skipAddresses(cursor)) return undefined
  const command = cursor.text[cursor.at]
  if (command === undefined) return undefined
  cursor.at += 1
  const reader = READERS.find(([commands]) => commands.includes(command))
  return reader?.[1](cursor, command)
}

/** What follows each command. One that stands in none is not read. */
const READERS: readonly (readonly [commands: string, (cursor: Cursor, command: string) => Found])[] = [
  ['{}', () => []],
  ['=dDFgGhHlnNpPqQxz', (cursor) => skipThen(cursor, /[ \t]*\d*/uy)],
  [':btTv', (cursor) => skipThen(cursor, /[ \t]*[A-Za-z0-9_.]*/uy)],
  ['aic', readText],
  ['#', readComment],
  ['s', readSubstitution],
  ['y', (cursor) => (readDelimited(cursor, 'y') ? readEnd(cursor, []) : undefined)],
  ['rR', (cursor) => readFile(cursor, 'fs.read')],
  ['wW', (cursor) => readFile(cursor, 'fs.write')],
]

function skipThen(cursor: Cursor, pattern: RegExp): Found {
  skip(cursor, pattern)
  return readEnd(cursor, [])
}

/** A command must end here, else something was misread. */
function readEnd(cursor: Cursor, effects: readonly TextEffect[]): Found {
  skip(cursor, /[ \t]*/uy)
  const next = cursor.text[cursor.at]
  return next === undefined || ';\n}#'.includes(next) ? effects : undefined
}

function readComment(cursor: Cursor): Found {
  skip(cursor, /[^\n]*/uy)
  return []
}

/** The text of `a`, `i` or `c`: to the end of the line, and on where a backslash ends it. */
function readText(cursor: Cursor): readonly TextEffect[] {
  skip(cursor, /(?:\\[^]|[^\\\n])*/uy)
  // A backslash at the very end stays unread: the text would go on in the next `-e`.
  return []
}

function readFile(cursor: Cursor, kind: TextEffect['kind']): readonly TextEffect[] {
  skip(cursor, /[ \t]*/uy)
  const start = cursor.at
  skip(cursor, /[^\n]*/uy)
  const target = cursor.text.slice(start, cursor.at)
  return STREAMS.includes(target) ? [] : [{ kind, target }]
}

function skipAddresses(cursor: Cursor): boolean {
  if (!skipAddress(cursor)) return false
  skip(cursor, /[ \t]*/uy)
  if (cursor.text[cursor.at] === ',') {
    cursor.at += 1
    skip(cursor, /[ \t]*[+~]?/uy)
    if (!skipAddress(cursor)) return false
  }
  skip(cursor, /[ \t]*!?[ \t]*/uy)
  return true
}

function skipAddress(cursor: Cursor): boolean {
  skip(cursor, /\d+(?:~\d+)?|\$/uy)
  const opening = /\/|\\[^\\\n]/uy
  opening.lastIndex = cursor.at
  const mark = opening.exec(cursor.text)?.[0]
  if (mark === undefined) return true
  cursor.at += mark.length
  if (!skipPart(cursor, mark.at(-1) ?? '', true)) return false
  skip(cursor, /[IM]*/uy)
  return true
}

function readSubstitution(cursor: Cursor): Found {
  if (!readDelimited(cursor, 's')) return undefined
  skip(cursor, /[gpiImM0-9]*/uy)
  if (cursor.text[cursor.at] !== 'w') return readEnd(cursor, [])
  cursor.at += 1
  return readFile(cursor, 'fs.write')
}

function readDelimited(cursor: Cursor, command: 's' | 'y'): boolean {
  const delimiter = cursor.text[cursor.at]
  if (delimiter === undefined || /[\\\n\sA-Za-z0-9]/u.test(delimiter)) return false
  cursor.at += 1
  return skipPart(cursor, delimiter, command === 's') && skipPart(cursor, delimiter, false)
}

/** Passes over text up to a delimiter and over that; false where it is not there, or where seds disagree on the place. */
function skipPart(cursor: Cursor, delimiter: string, isPattern: boolean): boolean {
  while (cursor.at < cursor.text.length) {
    const unit = cursor.text[cursor.at]
    if (unit === delimiter) {
      cursor.at += 1
      return true
    }
    if (isPattern && unit === '[') {
      if (!skipBracket(cursor, delimiter)) return false
    } else {
      cursor.at += unit === '\\' ? 2 : 1
    }
  }
  return false
}

/** A bracket expression; GNU ends the pattern at a delimiter inside, POSIX does not: such a one is not read. */
function skipBracket(cursor: Cursor, delimiter: string): boolean {
  const bracket = /\[\^?\]?(?:\[:[a-z]+:\]|\\[^\]]|[^\]\\])*\]/uy
  bracket.lastIndex = cursor.at
  const text = bracket.exec(cursor.text)?.[0]
  if (text === undefined || text.includes(delimiter) || text.includes('\n')) return false
  cursor.at += text.length
  return true
}
