import { readInsert, readMerge, readUpdateOrDelete } from './changes.ts'
import type { SqlKind } from './sql-facts.ts'
import { UTILITIES } from './utilities.ts'
import type { StatementReader } from './walk.ts'

/** How a statement of the tree is read. */
interface KnownStatement {
  readonly kind: SqlKind
  readonly read: StatementReader
}

// SELECT … INTO makes a table, whatever it is called.
const readSelect: StatementReader = (fields, place, walk) => {
  place.draft.effects.add('read')
  if (fields['intoClause'] !== undefined) {
    place.draft.kind = 'create'
    place.draft.object = 'table'
  }
  walk.visit({ SelectStmt: fields }, place)
}

/** Every statement that is known, by the name of its node. What is not here is opaque. */
export const STATEMENTS: ReadonlyMap<string, KnownStatement> = new Map<string, KnownStatement>([
  ['SelectStmt', { kind: 'select', read: readSelect }],
  ['InsertStmt', { kind: 'insert', read: readInsert }],
  ['UpdateStmt', { kind: 'update', read: readUpdateOrDelete }],
  ['DeleteStmt', { kind: 'delete', read: readUpdateOrDelete }],
  ['MergeStmt', { kind: 'merge', read: readMerge }],
  ...UTILITIES,
])
