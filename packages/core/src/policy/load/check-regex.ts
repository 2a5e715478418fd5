import { regex } from '../../facts/regex.ts'
import { messageOf } from '../../kernel/errors.ts'
import type { TextCheck } from './texts.ts'

/** The largest program a `matches` pattern may compile to: beyond it, hardly any input could be judged. */
const MAX_PROGRAM = 10_000

/** Checks a pattern of `matches`. */
export const checkRegex: TextCheck = (text) => {
  if (text === '') return 'an empty pattern would match everything'
  try {
    return regex(text).size > MAX_PROGRAM ? 'the pattern is too large' : undefined
  } catch (cause) {
    return `${messageOf(cause)}${regexHint(text)}`
  }
}

function regexHint(text: string): string {
  if (/\(\?<?[=!]/.test(text)) return ' (RE2 has no look-around)'
  return /\\(?:[1-9]|k<)/.test(text) ? ' (RE2 has no back-references)' : ''
}
