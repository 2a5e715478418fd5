import type { Findings } from './findings.ts'
import type { Spot } from './source-node.ts'

// What a reader of the file cannot see, or what one editor shows as a new line and a parser does not.
// YAML 1.2 §5.1 leaves the controls out as well; the rest is stricter.
const HIDDEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]|\r(?!\n)|\p{Cs}|\p{Bidi_Control}|\p{Default_Ignorable_Code_Point}/gu

/** The most hidden characters that are told one by one. */
const MAX_TOLD = 20

/** The text without a byte order mark at its start. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Tells every character that a policy may hold only as an escape; true where there is none. */
export function checkCharacters(text: string, findings: Findings): boolean {
  let told = 0
  for (const match of text.matchAll(HIDDEN)) {
    if (told >= MAX_TOLD) break
    told += 1
    findings.add(
      spotIn(text, match.index),
      `the hidden character ${codePoint(match[0])}: write it as an escape in double quotes`,
    )
  }
  return told === 0
}

/** How a character is spoken of: `U+202E`. */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

function spotIn(text: string, offset: number): Spot {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  return { line: text.slice(0, lineStart).split('\n').length, column: offset - lineStart + 1 }
}
