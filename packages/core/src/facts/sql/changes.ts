import type { Draft } from './draft.ts'
import { type Fields, fieldsOf, fieldsOfKind, listOf, textOf } from './nodes.ts'
import type { SqlStatement } from './sql-facts.ts'
import { tableName } from './sql-name.ts'
import { ctesInSight, type Place, type StatementReader, type Walk } from './walk.ts'
import { whereOf } from './where/where-of.ts'

const CHANGES: ReadonlySet<unknown> = new Set(['CMD_UPDATE', 'CMD_DELETE'])

/** INSERT: adds rows. Where it updates those that conflict, it changes as many as its source yields. */
export const readInsert: StatementReader = (fields, place, walk) => {
  writeTo(fields, place.draft)
  const conflict = fieldsOf(fields['onConflictClause'])
  if (conflict['action'] === 'ONCONFLICT_UPDATE' && !isListOfRows(fields['selectStmt'])) {
    bound(place.draft, upsertWhere(fields, conflict, place))
  }
  visitRest(fields, place, walk)
}

/** UPDATE and DELETE: change the rows that their WHERE selects, or all of them. */
export const readUpdateOrDelete: StatementReader = (fields, place, walk) => {
  writeTo(fields, place.draft)
  const { ctes } = place
  const others = [...listOf(fields['fromClause']), ...listOf(fields['usingClause'])]
  const target = fieldsOf(fields['relation'])
  bound(place.draft, whereOf(fields['whereClause'], { target, others, ctes: ctesInSight(fields, ctes) }))
  visitRest(fields, place, walk)
}

/** MERGE: changes what its condition matches. */
export const readMerge: StatementReader = (fields, place, walk) => {
  writeTo(fields, place.draft)
  const clauses = listOf(fields['mergeWhenClauses']).map((clause) => fieldsOfKind(clause, 'MergeWhenClause') ?? {})
  const changing = clauses.filter(({ commandType }) => CHANGES.has(commandType))
  if (changing.length > 0) bound(place.draft, mergeWhere(fields, changing, place))
  visitRest(fields, place, walk)
}

function mergeWhere(fields: Fields, changing: readonly Fields[], place: Place): SqlStatement['where'] {
  const scope = {
    target: fieldsOf(fields['relation']),
    others: [fields['sourceRelation']],
    ctes: ctesInSight(fields, place.ctes),
  }
  const wheres = changing.map(({ matchKind, condition }) => {
    const own = condition === undefined ? 'constant' : whereOf(condition, scope)
    // What the source does not match is the rest of the table: there the join selects nothing.
    if (own === 'selects' || matchKind !== 'MERGE_WHEN_MATCHED') return own
    return whereOf(fields['joinCondition'], scope)
  })
  return wheres.every((where) => where === 'selects') ? 'selects' : 'constant'
}

function upsertWhere(fields: Fields, conflict: Fields, place: Place): SqlStatement['where'] {
  const target = fieldsOf(fields['relation'])
  const ctes = ctesInSight(fields, place.ctes)
  // `excluded` is the row that conflicts: that it has the same key says nothing.
  const excluded = { RangeVar: { relname: target['relname'], alias: { aliasname: 'excluded' } } }
  const own = whereOf(conflict['whereClause'], { target, others: [excluded], ctes })
  const source = fieldsOfKind(fields['selectStmt'], 'SelectStmt') ?? {}
  const [first, ...others] = listOf(source['fromClause'])
  const read = fieldsOfKind(first, 'RangeVar')
  if (own === 'selects' || read === undefined) return own
  return whereOf(source['whereClause'], { target: read, others, ctes })
}

function writeTo(fields: Fields, draft: Draft): void {
  const target = fieldsOf(fields['relation'])
  draft.writes.add(tableName(target))
  draft.effects.add('write')
  if (listOf(fieldsOf(fields['returningClause'])['exprs']).length > 0) draft.effects.add('read')
  noteCatalog(target, draft)
}

/** A row of a system catalog is a table, a function, a role, a setting: who writes it does what its command would do. */
export function noteCatalog(target: Fields, draft: Draft): void {
  const schema = textOf(target['schemaname'])
  const isCatalog = schema === 'pg_catalog' || (schema === '' && textOf(target['relname']).startsWith('pg_'))
  if (isCatalog) draft.effects.add('ddl').add('privilege').add('session').add('admin')
}

function bound(draft: Draft, where: SqlStatement['where']): void {
  draft.where = where
  if (where !== 'selects') draft.effects.add('unbounded')
}

function visitRest(fields: Fields, place: Place, walk: Walk): void {
  walk.visit({ ...fields, relation: undefined }, place)
}

function isListOfRows(source: unknown): boolean {
  return source === undefined || fieldsOfKind(source, 'SelectStmt')?.['valuesLists'] !== undefined
}
