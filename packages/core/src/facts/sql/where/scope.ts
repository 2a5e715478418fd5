import { fieldsOf, fieldsOfKind, type Fields, listOf, textOf } from '../nodes.ts'
import type { Ctes } from '../walk.ts'

/** What a name before a dot stands for, seen from the table whose rows are selected. */
export type Role =
  /** That table itself. */
  | 'target'
  /** Another table, so that a join with it selects. */
  | 'other'
  /** The same table once more, or something that may yield all of its rows. */
  | 'doubtful'

/** What a condition says of one column. */
export interface Atom {
  readonly column: Column
  /** Values that it must have, one of the two truth values, a bound, or the column of another table. */
  readonly way: 'point' | 'true' | 'false' | 'lower' | 'upper' | 'join'
}

/** What a condition comes to: the same for every row, in doubt, or different from row to row. */
export type Fold =
  | { readonly is: 'true' | 'false' | 'doubt' }
  | { readonly is: 'selects'; readonly atoms: readonly Atom[] }

/** Whether a condition, or its opposite, selects rows. */
export type Judge = (condition: { readonly node: unknown; readonly negated: boolean }, scope: Scope) => Fold

/** The tables in sight of a condition, by the names that it has for them. */
export interface Scope {
  /** The name of the table whose rows are selected, without its schema. */
  readonly table: string
  readonly roles: ReadonlyMap<string, Role>
  readonly ctes: Ctes
  /** True inside a query within the condition, where a name alone can belong to either. */
  readonly isInner: boolean
  /** Parts of queries that may still be looked at; beyond them all is in doubt. */
  readonly budget: { left: number }
  readonly judge: Judge
}

/** A column as it is written. */
export interface Column {
  readonly table: string | undefined
  readonly name: string
}

/** The column that a node names; undefined for anything else, a whole row included. */
export function columnOf(node: unknown, scope: Scope): Column | undefined {
  const parts = listOf(fieldsOfKind(node, 'ColumnRef')?.['fields']).map((part) =>
    textOf(fieldsOfKind(part, 'String')?.['sval']),
  )
  if (parts.length === 0 || parts.includes('')) return undefined
  const name = parts.at(-1) ?? ''
  const table = parts.at(-2)
  return table === undefined && scope.roles.has(name) ? undefined : { table, name }
}

/** What a column belongs to. A name alone is the target's where there is nothing else that it can belong to. */
export function roleOf(column: Column, scope: Scope): Role {
  if (column.table !== undefined) return scope.roles.get(column.table) ?? 'doubtful'
  return scope.roles.size === 1 && !scope.isInner ? 'target' : 'doubtful'
}

/** The name that a table goes by in its statement. */
export function aliasOf(relation: Fields): string {
  return textOf(fieldsOf(relation['alias'])['aliasname']) || textOf(relation['relname'])
}

/** In doubt: counts as the same for every row. */
export const DOUBT: Fold = { is: 'doubt' }
