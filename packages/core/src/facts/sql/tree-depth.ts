/** The deepest nesting of parentheses and brackets. */
export const MAX_PARENTHESES = 64
/** The deepest tree that chains and nesting can build together. */
export const MAX_DEPTH = 400

/**
 * What makes a tree deeper without parentheses: operators in a row, until a comma, AND or OR; CASE and JOIN, until a
 * comma; UNION and its like, until the end of the statement.
 */
export type Chaining = 'chain' | 'nest' | 'sets'

/** How deep a tree can become of the tokens so far. */
export interface TreeDepth {
  readonly open: () => void
  readonly close: () => void
  readonly deepen: (by: Chaining) => void
  /** What was chained here ends here. */
  readonly flatten: (what: Chaining) => void
  /** Why it is too deep; undefined where it is not. */
  readonly why: () => string | undefined
}

/** A tree of no tokens. */
export function treeDepth(): TreeDepth {
  let level: Record<Chaining, number> = { chain: 0, nest: 0, sets: 0 }
  const around: Record<Chaining, number>[] = []
  let depth = 1
  let why: string | undefined

  function deepenBy(by: number): void {
    depth += by
    if (depth > MAX_DEPTH) why = 'deeper than is read'
  }

  return {
    open: () => {
      around.push(level)
      level = { chain: 0, nest: 0, sets: 0 }
      deepenBy(1)
      if (around.length >= MAX_PARENTHESES) why = 'parentheses deeper than are read'
    },
    close: () => {
      const outer = around.pop()
      if (outer === undefined) return // more closed than opened is no statement, as the parser will say
      deepenBy(-(1 + level.chain + level.nest + level.sets))
      level = outer
    },
    deepen: (by) => {
      level[by] += 1
      deepenBy(1)
    },
    flatten: (what) => {
      deepenBy(-level[what])
      level[what] = 0
    },
    why: () => why,
  }
}
