import type { TextReading } from './text-reading.ts'

const UNREAD: TextReading = [{ kind: 'code.inline' }]
/** Words that run, read or load something wherever they stand; also in strings, so that no misreading hides one. */
const REACHING = /\b(?:system|getline|ARGV|ARGC|PROCINFO)\b/u
/** How often a `/` may be a division or open a pattern before the reader gives up. */
const MAX_DOUBTS = 5
/** Longer programs are not read: each doubt reads the rest twice. */
const MAX_LENGTH = 4096

/** Where the reader is. `printDepth` is the depth of parentheses at the last `print`, where its statement still runs. */
interface Place {
  readonly at: number
  readonly afterOperand: boolean
  readonly depth: number
  readonly printDepth: number | undefined
  readonly doubts: number
}

/**
 * What a program of `awk` does beyond filtering: nothing, or `code.inline` where any reading of it holds a command, a pipe,
 * a redirect, another input or a load. Where a `/` may open a pattern or divide, both readings must be harmless.
 */
export function awkEffects(program: string | undefined): TextReading {
  if (program === undefined || program.length > MAX_LENGTH || REACHING.test(program)) return UNREAD
  const start = { at: 0, afterOperand: false, depth: 0, printDepth: undefined, doubts: 0 }
  return isHarmless(program, start) ? [] : UNREAD
}

const SPACE = /[ \t\r]+|\\\r?\n|#[^\n]*/uy
const STRING = /"(?:\\[^]|[^"\\\n])*"/uy
const PATTERN = /\/(?:\\[^\n]|\[\^?\]?(?:\[:[a-z]+:\]|\[(?!:)|[^\][\\/\n]|\\[^\n])*\]|[^/\\[\n])+\//uy
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/uy
const WORD = /[A-Za-z_]\w*/uy
const KEYWORDS = /^(?:BEGIN|END|if|else|while|for|do|in|print|printf|return|case|delete|function|func|exit|next)$/u
const SYMBOL = /\|\||&&|[-+*/%^=!<>]=|\+\+|--|!~|\*\*|[-+*%^=!<~?:,;(){}[\]$\n]|>(?!>)/uy

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function isHarmless(program: string, from: Place): boolean {
  let place = from
  while (place.at < program.length) {
    if (program[place.at] === '/' && place.afterOperand) {
      const pattern = take(PATTERN, program, place.at)
      // Unterminated, it is no pattern for any awk.
      if (pattern !== undefined) {
        if (place.doubts >= MAX_DOUBTS) return false
        place = { ...place, doubts: place.doubts + 1 }
        if (!isHarmless(program, { ...place, at: place.at + pattern.length })) return false
      }
      place = { ...place, at: place.at + 1, afterOperand: false }
      continue
    }
    const next = step(program, place)
    if (next === undefined) return false
    place = next
  }
  return true
}

/** The place after the next token; undefined where that may do harm or is none. */
function step(program: string, place: Place): Place | undefined {
  const space = take(SPACE, program, place.at)
  if (space !== undefined) return { ...place, at: place.at + space.length }
  const operand = take(STRING, program, place.at) ?? take(NUMBER, program, place.at) ?? take(PATTERN, program, place.at)
  if (operand !== undefined) return { ...place, at: place.at + operand.length, afterOperand: true }
  const word = take(WORD, program, place.at)
  if (word !== undefined) return afterWord(place, word)
  const symbol = take(SYMBOL, program, place.at)
  return symbol === undefined ? undefined : afterSymbol(place, symbol)
}

function afterWord(place: Place, word: string): Place {
  const next = { ...place, at: place.at + word.length, afterOperand: !KEYWORDS.test(word) }
  return word.startsWith('print') && KEYWORDS.test(word) ? { ...next, printDepth: place.depth } : next
}

function afterSymbol(place: Place, symbol: string): Place | undefined {
  if (symbol.startsWith('>') && place.printDepth === place.depth) return undefined
  const depth = place.depth + (symbol === '(' ? 1 : 0) - (symbol === ')' ? 1 : 0)
  return {
    ...place,
    at: place.at + symbol.length,
    afterOperand: /^(?:\)|\]|\+\+|--)$/u.test(symbol),
    depth,
    // Not at a newline: after a comma the statement goes on.
    printDepth: /^[;{}]$/u.test(symbol) ? undefined : place.printDepth,
  }
}
