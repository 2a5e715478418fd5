import type { ShellEffectKind } from './shell-facts.ts'

/** One effect of a word, and what it is done to where the word says so. */
export interface TextEffect {
  readonly kind: ShellEffectKind
  readonly target?: string
}

/** What a word does: its effects, none where it is harmless, or `opaque` where nobody can say. */
export type TextReading = readonly TextEffect[] | 'opaque'

/** Judges one word; undefined stands for a word that nobody can know, and is judged by the worst that it could be. */
export type TextReader = (text: string | undefined) => TextReading
