import type { Draft } from './draft.ts'
import { type Fields, fieldsOf, fieldsOfKind, listOf, textOf } from './nodes.ts'

/** The queries of the CTEs that are in sight, by name. */
export type Ctes = ReadonlyMap<string, Fields>

/** Where a walk stands. */
export interface Place {
  /** The statement that is filled. */
  readonly draft: Draft
  readonly ctes: Ctes
  /** What a table means here: it is read, it is changed, or its rows are read and locked. */
  readonly tables: 'read' | 'changed' | 'locked'
}

/** A walk through the tree of one text. */
export interface Walk {
  /** Reads a part of a statement: its tables, functions and operators; a statement in it becomes one of its own. */
  readonly visit: (part: unknown, place: Place) => void
  /** Reads a statement of its own. */
  readonly statement: (node: unknown, ctes: Ctes) => void
  /** Reads statements that stand in a text of the text. */
  readonly script: (text: string) => void
  /** Notes that something could not be read. */
  readonly hide: (why: string) => void
}

/** Fills a draft from the fields of a statement. */
export type StatementReader = (fields: Fields, place: Place, walk: Walk) => void

/** The CTEs that a statement declares, with those around it. */
export function ctesInSight(fields: Fields, around: Ctes): Ctes {
  const declared = listOf(fieldsOf(fields['withClause'])['ctes'])
  if (declared.length === 0) return around
  const ctes = new Map(around)
  for (const node of declared) {
    const cte = fieldsOfKind(node, 'CommonTableExpr') ?? {}
    ctes.set(textOf(cte['ctename']), fieldsOf(cte['ctequery']))
  }
  return ctes
}
