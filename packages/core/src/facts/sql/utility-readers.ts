import { effectsOfSetting } from './built-ins.ts'
import { type Fields, fieldsOfKind, listOf, namesOf, optionOf, textOf } from './nodes.ts'
import { sqlName } from './sql-name.ts'
import type { StatementReader } from './walk.ts'

const OWNING: ReadonlySet<unknown> = new Set([
  'AT_ChangeOwner',
  'AT_EnableRowSecurity',
  'AT_DisableRowSecurity',
  'AT_ForceRowSecurity',
  'AT_NoForceRowSecurity',
])
// What is named by the names of a table, and what by those and one of its own.
const RELATIONS = new Set(['table', 'view', 'materialized view', 'sequence', 'foreign table', 'index'])
const PARTS_OF_RELATIONS = new Set(['trigger', 'rule', 'policy'])

/** Looks at every part of a statement: any table in it may be changed. */
export const readDefault: StatementReader = (fields, place, walk) => {
  place.draft.object ??= objectOf(fields['objectType'] ?? fields['objtype'] ?? fields['kind'])
  walk.visit(fields, { ...place, tables: 'changed' })
}

/** ALTER TABLE and its like: an owner and row security are rights; a foreign table's options can run programs. */
export const readAlterTable: StatementReader = (fields, place, walk) => {
  const { effects } = place.draft
  place.draft.object = objectOf(fields['objtype'])
  const changes = listOf(fields['cmds']).map((change) => fieldsOfKind(change, 'AlterTableCmd')?.['subtype'])
  if (changes.some((change) => OWNING.has(change))) effects.add('privilege')
  if (place.draft.object === 'foreign table') effects.add('file').add('os').add('network')
  readDefault(fields, place, walk)
}

/** CREATE AGGREGATE, OPERATOR, TYPE and their like; a dictionary is read from a file of the server. */
export const readDefine: StatementReader = (fields, place, walk) => {
  place.draft.object = objectOf(fields['kind'])
  if (place.draft.object?.startsWith('ts') === true) place.draft.effects.add('file')
  readDefault(fields, place, walk)
}

/** ALTER … RENAME: of a role it is a right, of a database the server's. */
export const readRename: StatementReader = (fields, place, walk) => {
  place.draft.object = objectOf(fields['renameType'])
  if (place.draft.object === 'role') place.draft.effects.add('privilege')
  if (place.draft.object === 'database' || place.draft.object === 'tablespace') place.draft.effects.add('admin')
  readDefault(fields, place, walk)
}

/** DROP: the tables, or those of a schema as `schema.*`. */
export const readDrop: StatementReader = (fields, { draft }) => {
  const object = objectOf(fields['removeType'])
  draft.object = object
  if (object === 'policy') draft.effects.add('privilege')
  if (object === 'server' || object === 'foreign table') draft.effects.add('network')
  const tables = listOf(fields['objects']).map((each) => droppedTable(object ?? '', each))
  for (const table of tables) if (table !== undefined) draft.writes.add(table)
}

function droppedTable(object: string, node: unknown): string | undefined {
  if (object === 'schema') return `${sqlName(namesOf([node]))}.*`
  const names = namesOf(fieldsOfKind(node, 'List')?.['items'])
  if (RELATIONS.has(object)) return sqlName(names)
  return PARTS_OF_RELATIONS.has(object) ? sqlName(names.slice(0, -1)) : undefined
}

/** GRANT and REVOKE, of rights and of roles. */
export const readGrant: StatementReader = (fields, place, walk) => {
  const { draft } = place
  if (fields['is_grant'] !== true) draft.kind = 'revoke'
  draft.object ??= objectOf(fields['objtype'])
  if (fields['targtype'] === 'ACL_TARGET_ALL_IN_SCHEMA') {
    for (const schema of namesOf(fields['objects'])) draft.writes.add(`${sqlName([schema])}.*`)
  }
  readDefault(fields, place, walk)
}

/** SET and RESET; to become another user is a right. */
export const readSet: StatementReader = (fields, place, walk) => {
  const name = textOf(fields['name'])
  for (const effect of effectsOfSetting(name)) place.draft.effects.add(effect)
  readDefault(fields, place, walk)
}

/** CREATE FUNCTION: its body in SQL is read as if it ran; one in another language cannot be. */
export const readCreateFunction: StatementReader = (fields, place, walk) => {
  const { options } = fields
  if (optionOf(options, 'security') !== undefined) place.draft.effects.add('privilege')
  if (fields['is_procedure'] === true) place.draft.object = 'procedure'
  readDefault({ ...fields, sql_body: undefined }, place, walk)
  for (const statement of statementsOf(fields['sql_body'])) walk.statement(statement, place.ctes)
  const language = languageOf(fields)
  if (language === 'sql') {
    for (const body of namesOf(fieldsOfKind(optionOf(options, 'as')?.['arg'], 'List')?.['items'])) walk.script(body)
    return
  }
  if (language === 'c' || language === 'internal') place.draft.effects.add('file').add('os')
  walk.hide('a function in another language than SQL')
}

// RETURN …, or BEGIN ATOMIC … END: a list in a list.
function statementsOf(body: unknown): readonly unknown[] {
  const items = fieldsOfKind(body, 'List')?.['items']
  if (items !== undefined) return listOf(items).flatMap(statementsOf)
  return body === undefined ? [] : [body]
}

// A body that is part of the statement, not a text in it, is always SQL.
function languageOf(fields: Fields): string {
  const named = fieldsOfKind(optionOf(fields['options'], 'language')?.['arg'], 'String')?.['sval']
  return named === undefined && fields['sql_body'] !== undefined ? 'sql' : textOf(named).toLowerCase()
}

/** A kind of object as people call it: `materialized view`. */
export function objectOf(type: unknown): string | undefined {
  if (typeof type !== 'string' || !type.startsWith('OBJECT_')) return undefined
  const name = type.slice('OBJECT_'.length).toLowerCase().replaceAll('_', ' ')
  return SHORT_NAMES.get(name) ?? name
}

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['matview', 'materialized view'],
  ['foreign server', 'server'],
  ['fdw', 'foreign data wrapper'],
])
