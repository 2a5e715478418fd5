import type { ParsedScript } from 'unbash'

// INVARIANT: no other file knows where the tree comes from. The parser is pinned: a new version must pass the
// differential test against bash first.
export type * from 'unbash'

/** Reads bash source as a tree; what it could not read is among the `errors` of a script at any depth. */
export interface BashParser {
  readonly parse: (source: string) => ParsedScript
}

/** Loads the parser; parsing is synchronous then. */
export async function loadBashParser(): Promise<BashParser> {
  const { parse } = await import('unbash')
  return { parse }
}
