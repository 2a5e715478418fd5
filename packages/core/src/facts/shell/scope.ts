import type { Field } from './field.ts'
import type { Span } from './shell-facts.ts'

/** What a variable is known to hold: a text, or at least an integer; undefined where nothing is known. */
export type Value = { readonly text: string | undefined; readonly isInteger: boolean } | undefined

/** What standard input is: what the line was started with, a pipe, a file, or a text that is known. */
export type Feed =
  | { readonly kind: 'inherited' }
  | { readonly kind: 'pipe' }
  | { readonly kind: 'file'; readonly file: Field }
  | { readonly kind: 'text'; readonly text: string | undefined }

/** What a shell process keeps between its commands. A subshell gets a copy, made when it first changes something. */
export interface ShellState {
  values: Map<string, Value>
  /** Functions that are certainly defined by now. */
  functions: Set<string>
  /** True where values and functions are still those of the shell around. */
  isShared: boolean
  /** Folders that relative names may be taken from, as prefixes; undefined where nobody can know. */
  folders: readonly string[] | undefined
}

/** Where a command stands. */
export interface Scope {
  readonly state: ShellState
  /** True where the command runs exactly once, in the order of the text. */
  readonly isStraight: boolean
  /** True in bodies that run later: of functions and traps. */
  readonly isLate: boolean
  /** True in a loop, or a body that runs later: what stands below may have run before. */
  readonly isRepeated: boolean
  /** How many shells deep: `sh -c`, `eval`. */
  readonly level: number
  /** How many constructs deep. */
  readonly depth: number
  /** The stretch of the line that a text of its own stands for. */
  readonly span: Span | undefined
  readonly feed: Feed
  readonly wrappers: readonly string[]
  readonly isElsewhere: boolean
}

const HERE: readonly string[] = ['']

/** The scope of a line. */
export function outermostScope(): Scope {
  return {
    state: freshState(HERE),
    isStraight: true,
    isLate: false,
    isRepeated: false,
    level: 0,
    depth: 0,
    span: undefined,
    feed: { kind: 'inherited' },
    wrappers: [],
    isElsewhere: false,
  }
}

/** What a shell of its own begins with: it inherits the folder, and no variable whose export is not certain. */
export function freshState(folders: readonly string[] | undefined): ShellState {
  return { values: new Map(), functions: new Set(), isShared: false, folders }
}

/** The scope of a subshell: what happens in it stays in it. */
export function subshellScope(scope: Scope): Scope {
  const { values, functions, folders } = scope.state
  return { ...scope, state: { values, functions, isShared: true, folders }, isStraight: true, isRepeated: false }
}

/** The scope of a part that may not run. */
export function conditionalScope(scope: Scope): Scope {
  return scope.isStraight ? { ...scope, isStraight: false } : scope
}

/** The scope of a part that may run several times. */
export function repeatedScope(scope: Scope): Scope {
  return { ...scope, isStraight: false, isRepeated: true }
}
