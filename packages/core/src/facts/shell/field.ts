import type { Span } from './shell-facts.ts'

/** Indexes into the commands of a reading: from `from` up to, not with, `to`. */
export interface CommandRange {
  readonly from: number
  readonly to: number
}

/** A word after expansion. */
export interface Field {
  /** What the program gets; undefined where nobody can know. A tilde at its start is kept, and marked. */
  readonly text: string | undefined
  /** What it certainly begins with. */
  readonly head: string
  /** For a glob that only matches entries of one folder: that folder, with a final slash. */
  readonly folder: string | undefined
  /** How many words it becomes: a glob some, an unquoted expansion any number, also none. */
  readonly count: 'one' | 'some' | 'any'
  /** True where it begins, or may go on after `=` or `:`, with a tilde that bash resolves. */
  readonly hasTilde: boolean
  /** True where it is certainly no option, though nothing else is known of it: a name that `find` hands on. */
  readonly isOperand: boolean
  /** Commands whose output it holds. */
  readonly sources: readonly CommandRange[]
  /** Commands that read what the program writes to it: `>(…)`. */
  readonly sinks: readonly CommandRange[]
  readonly span: Span
}

const NONE: readonly CommandRange[] = []

/** A word that is known. */
export function literalField(text: string, span: Span): Field {
  return {
    text,
    head: text,
    folder: undefined,
    count: 'one',
    hasTilde: false,
    isOperand: false,
    sources: NONE,
    sinks: NONE,
    span,
  }
}

/** A word that nobody can know. */
export function unknownField(span: Span, known: Partial<Omit<Field, 'span'>> = {}): Field {
  return { ...literalField('', span), text: undefined, ...known }
}

/** The rest of a word behind its first units, such as the value behind `--output=`. */
export function restOf(field: Field, length: number): Field {
  return {
    ...field,
    text: field.text?.slice(length),
    head: field.head.slice(length),
    folder: field.folder === undefined || field.folder.length <= length ? undefined : field.folder.slice(length),
  }
}

/** Whether a word that is not known could be an option, or could hold one after a blank. */
export function mayBeOption(field: Field): boolean {
  return (
    field.text === undefined &&
    !field.isOperand &&
    (field.count === 'any' || field.head === '' || field.head.startsWith('-'))
  )
}
