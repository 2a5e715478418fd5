import { RE2JS } from 're2js'
import { CapFenceError, messageOf } from '../kernel/errors.ts'

/** The most work that a pattern may do on one text: program size × length. Beyond it the answer is unknown. */
export const MAX_REGEX_WORK = 1_000_000

/** A pattern of RE2's syntax: linear in the text, without look-around and back-references. */
export interface Regex {
  /** The size of the program; × the length of a text it is the work that matching may take. */
  readonly size: number
  /** Whether it matches somewhere; undefined where that would be too much work, or the engine fails. */
  search(text: string): boolean | undefined
  /** Whether it matches the whole text; undefined as for `search`. */
  matchesWhole(text: string): boolean | undefined
}

/** Compiles a pattern; `PATTERN_INVALID` says what RE2 does not accept of it. */
export function regex(pattern: string): Regex {
  const compiled = compile(pattern)
  const size = compiled.programSize()
  return {
    size,
    search: (text) => answer(size * text.length, () => compiled.test(text)),
    matchesWhole: (text) => answer(size * text.length, () => compiled.testExact(text)),
  }
}

function answer(work: number, ask: () => boolean): boolean | undefined {
  if (work > MAX_REGEX_WORK) return undefined
  try {
    return ask()
  } catch {
    return undefined // a fault inside the engine: nobody knows whether it would have matched
  }
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (cause) {
    const why = messageOf(cause).replace(/^error parsing regexp: /, '')
    throw new CapFenceError('PATTERN_INVALID', `not a pattern of RE2: ${why}`, { cause })
  }
}
