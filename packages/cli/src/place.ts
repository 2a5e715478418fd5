import { visible } from './visible.ts'

/** Where in which file, and what of it. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

/** `file:line:column: message`, as editors and compilers have it; a mark stands before the message. */
export function placeText({ file, line, column, message }: Place, mark = ''): string {
  return `${visible(file)}:${String(line)}:${String(column)}: ${mark}${visible(message)}`
}
