import type { Readable } from 'node:stream'
import { visible } from '../pins/hidden-characters.ts'

/** Where a server's standard error goes. `pipe` where a terminal reads it, which must neither obey it nor be read by it. */
export function errorsTo(isTerminal: boolean): 'pipe' | 'inherit' {
  return isTerminal ? 'pipe' : 'inherit'
}

/** Shows what a server writes there: what could move the cursor, or hide, as escapes. */
export function showErrors(errors: Readable, write: (text: string) => void): void {
  errors.setEncoding('utf8')
  errors.on('data', (text: string) => {
    write(visible(text).replaceAll(/\r(?!\n)/g, '\\r'))
  })
}
