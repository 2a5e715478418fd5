import type { Json } from '@capfence/core'
import type { ToolDefinition } from './tool-definition.ts'

/** A character that a reader does not see, and a model does. */
export interface HiddenCharacter {
  /** RFC 6901 pointer into the definition; of a member whose name has it, the pointer to that member. */
  readonly path: string
  /** `U+200B` */
  readonly character: string
  /** How often it stands there. */
  readonly count: number
}

// Controls but the ordinary breaks, format and private characters, separators, and what is ignored when it is shown:
// zero-width characters, bidi controls, tags, variation selectors.
const HIDDEN = /(?![\n\r\t])[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** The hidden characters of a definition, names of members too. */
export function hiddenCharacters({ said }: Pick<ToolDefinition, 'said'>): readonly HiddenCharacter[] {
  return hiddenIn('', said)
}

/** A text with its hidden characters as escapes: what a person reads is then what stands there. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (found) => `\\u{${codePoint(found).toString(16)}}`)
}

function hiddenIn(path: string, value: Json): readonly HiddenCharacter[] {
  if (typeof value === 'string') return counted(path, value)
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((each: Json, index) => hiddenIn(`${path}/${String(index)}`, each))
  return Object.entries(value).flatMap(([key, each]) => {
    const inner = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [...counted(inner, key), ...hiddenIn(inner, each)]
  })
}

function counted(path: string, text: string): readonly HiddenCharacter[] {
  const counts = new Map<string, number>()
  for (const [found] of text.matchAll(HIDDEN)) {
    const character = `U+${codePoint(found).toString(16).toUpperCase().padStart(4, '0')}`
    counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  return [...counts].map(([character, count]) => ({ path, character, count }))
}

function codePoint(text: string): number {
  return text.codePointAt(0) ?? 0
}
