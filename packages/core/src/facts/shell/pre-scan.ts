import type { ShellFacts } from './shell-facts.ts'

/** The longest text that is read, in UTF-8 bytes. */
export const MAX_BYTES = 16_384
/** How deep brackets may nest. */
export const MAX_NESTING = 64
/** The parser takes time that grows with the square of how many are open at once. */
const MAX_HERE_DOCUMENTS = 1_025

// What a person does not see, or takes for something else: format characters, fillers, blanks that are none to bash.
const UNSEEN = /(?! )[\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u0080-\u009f]/u

/** Why a text is not even parsed; undefined where it may be. Linear in its length. */
export function refusalOf(text: string): string | undefined {
  if (text.length > MAX_BYTES) return 'it is longer than 16 KiB'
  const { isAscii, hasControl, nesting } = scan(text)
  if (hasControl || text.includes('\u007f')) return 'it holds a control character'
  if (nesting > MAX_NESTING) return 'it nests deeper than 64'
  if (text.includes('<<') && text.split('<<').length > MAX_HERE_DOCUMENTS) return 'it has too many here-documents'
  return isAscii ? undefined : refusalOfUnicode(text)
}

/** The facts of a text that nobody could read. */
export function opaqueFacts(why: string, length: number): ShellFacts {
  return {
    commands: [],
    effects: [],
    flows: [],
    opaque: [{ why, span: { start: 0, end: length } }],
    words: [],
    unread: [{ start: 0, end: length }],
    argv: undefined,
  }
}

interface Scan {
  readonly isAscii: boolean
  readonly hasControl: boolean
  readonly nesting: number
}

// Brackets are counted whether quoted or not: this bounds the parser's work, it does not understand.
function scan(text: string): Scan {
  let isAscii = true
  let hasControl = false
  let depth = 0
  let nesting = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x20) hasControl ||= unit !== 0x09 && unit !== 0x0a
    else if (unit >= 0x7f) isAscii = false
    else if (unit === 0x28 || unit === 0x7b) nesting = Math.max(nesting, ++depth)
    else if (unit === 0x29 || unit === 0x7d) depth = Math.max(0, depth - 1)
  }
  return { isAscii, hasControl, nesting }
}

function refusalOfUnicode(text: string): string | undefined {
  if (new TextEncoder().encode(text).length > MAX_BYTES) return 'it is longer than 16 KiB'
  return UNSEEN.test(withoutQuoted(text))
    ? 'it holds a blank or a character that is not seen, outside quotes'
    : undefined
}

// Quotes are told apart as bash does on the surface; where that is wrong, only what is shown suffers, not what is read.
function withoutQuoted(text: string): string {
  return text.replace(/\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"/gu, (quoted) => (quoted.startsWith('\\') ? quoted : ''))
}
