import { isEnvHook } from '../../env-hooks.ts'
import type { TextReading } from '../../text-reading.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/u

/** The name of a variable that is set, unset or looked up. In a subscript the shell would run substitutions. */
export function variable(text: string | undefined): TextReading {
  if (text === undefined) return 'opaque'
  const name = text.split('=', 1)[0] ?? ''
  if (!NAME.test(name)) return 'opaque'
  return isEnvHook(name) ? [{ kind: 'env.hook', target: name }] : []
}

/** A word of `test`: `-v` and `-R` look a name up, and run what its subscript holds, also where it was quoted. */
export function testWord(text: string | undefined): TextReading {
  if (text === undefined) return []
  const looksUp = text === '-v' || text === '-R'
  const subscript = text.indexOf('[')
  return looksUp || (subscript !== -1 && /[$`]/u.test(text.slice(subscript))) ? 'opaque' : []
}

/** A page of the manual: a name, or where it has a slash a file. */
export function page(text: string | undefined): TextReading {
  if (text?.includes('/') === false) return []
  return [{ kind: 'fs.read', ...(text === undefined || text.startsWith('-') ? {} : { target: text }) }]
}

/** A word of `date`: a format begins with `+`, anything else sets the clock. */
export function dateOperand(text: string | undefined): TextReading {
  return text?.startsWith('+') === true ? [] : [{ kind: 'priv.change' }]
}
