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
  // The rest of the text that the shell itself reads, line by line.
  | { readonly kind: 'script' }

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
  /** The text that positions are in. */
  readonly source: string
  /** The stretch of the line that a text of its own stands for. */
  readonly span: Span | undefined
  readonly feed: Feed
  readonly wrappers: readonly string[]
  readonly isElsewhere: boolean
  /**
   * In `$(…)` and `<(…)`, which bash writes anew before it reads them again: what follows a here-document loses its
   * separators then, so that is read only in the `last` command. Undefined elsewhere.
   */
  readonly rewritten: 'last' | 'followed' | undefined
}

const HERE: readonly string[] = ['']

/** The scope of a line. */
export function outermostScope(source: string): Scope {
  return {
    state: freshState(HERE),
    isStraight: true,
    isLate: false,
    isRepeated: false,
    level: 0,
    depth: 0,
    source,
    span: undefined,
    feed: { kind: 'inherited' },
    wrappers: [],
    isElsewhere: false,
    rewritten: undefined,
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

/** The scope of what reads the same input as others do: what is left of a text is not known. */
export function sharedScope(scope: Scope): Scope {
  return scope.feed.kind === 'text' ? { ...scope, feed: { kind: 'text', text: undefined } } : scope
}

/** The scope of what stands in a list with others, or in a construct, where bash writes it anew. */
export function followedScope(scope: Scope): Scope {
  return scope.rewritten === 'last' ? { ...scope, rewritten: 'followed' } : scope
}

/** The scope of a part that may not run. */
export function conditionalScope(scope: Scope): Scope {
  return scope.isStraight ? { ...scope, isStraight: false } : scope
}

/** The scope of a part that may run several times. */
export function repeatedScope(scope: Scope): Scope {
  return { ...scope, isStraight: false, isRepeated: true }
}

/** The scope of a function's body: what else its input is when it is called is not known. */
export function lateScope(scope: Scope): Scope {
  const feed: Feed = scope.feed.kind === 'script' ? scope.feed : { kind: 'pipe' }
  return { ...repeatedScope(scope), isLate: true, feed }
}
