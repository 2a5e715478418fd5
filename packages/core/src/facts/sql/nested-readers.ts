import { noteCatalog } from './changes.ts'
import { fieldsOf, fieldsOfKind, kindOf, listOf, optionOf, textOf } from './nodes.ts'
import { objectOf } from './utility-readers.ts'
import type { StatementReader } from './walk.ts'

/** CURSOR_OPT_HOLD of PostgreSQL: the cursor outlives its transaction. */
const WITH_HOLD = 0x20
const OFF: ReadonlySet<string> = new Set(['off', 'false', '0'])

/** PREPARE: the statement in it is read as if it ran. */
export const readBody: StatementReader = (fields, place, walk) => {
  walk.statement(fields['query'], place.ctes)
}

/** DECLARE CURSOR: the query in it is read as if it ran. */
export const readCursor: StatementReader = (fields, place, walk) => {
  const options = fields['options']
  if (typeof options === 'number' && (options & WITH_HOLD) !== 0) place.draft.effects.add('session')
  readBody(fields, place, walk)
}

/** CREATE TABLE … AS, and a materialized view. */
export const readTableAs: StatementReader = (fields, place, walk) => {
  place.draft.object = objectOf(fields['objtype'])
  walk.visit(fields['into'], { ...place, tables: 'changed' })
  walk.visit(fields['query'], place)
}

/** EXPLAIN: with ANALYZE it runs its statement, else it plans it, which calls functions and reads. */
export const readExplain: StatementReader = (fields, place, walk) => {
  const query = fieldsOf(fields['query'])
  const kind = kindOf(query) ?? ''
  if (mayAnalyze(fields['options']) || kind === 'ExecuteStmt') walk.statement(query, place.ctes)
  else walk.visit(kind === 'SelectStmt' ? query : query[kind], place)
}

// The last of several options wins, so that any that is not plainly off counts.
function mayAnalyze(options: unknown): boolean {
  return listOf(options)
    .map((option) => fieldsOfKind(option, 'DefElem') ?? {})
    .some(({ defname, arg }) => textOf(defname).toLowerCase() === 'analyze' && !isOff(arg))
}

function isOff(arg: unknown): boolean {
  const text = fieldsOfKind(arg, 'String')?.['sval']
  const number = fieldsOfKind(arg, 'Integer')
  if (number !== undefined) return (number['ival'] ?? 0) === 0
  return typeof text === 'string' && OFF.has(text.toLowerCase())
}

/** COPY: from and to the client, a file of the server, or a program that it runs. */
export const readCopy: StatementReader = (fields, place, walk) => {
  const { draft } = place
  const { relation, query } = fields
  const isFrom = fields['is_from'] === true
  if (fields['is_program'] === true) draft.effects.add('os')
  else if (fields['filename'] !== undefined) draft.effects.add('file')
  draft.effects.add(isFrom ? 'write' : 'read')
  if (isFrom) noteCatalog(fieldsOf(relation), draft)
  walk.visit(relation, { ...place, tables: isFrom ? 'changed' : 'read' })
  if (query !== undefined) walk.statement(query, place.ctes)
  walk.visit(fields['whereClause'], place)
}

/** CALL: a procedure is always somebody's own. */
export const readCall: StatementReader = (fields, place, walk) => {
  walk.hide('a procedure')
  walk.visit(fields['funccall'], place)
}

/** DO: a block in another language than SQL. */
export const readDo: StatementReader = (fields, _place, walk) => {
  walk.hide('a block in another language than SQL')
  if (optionOf(fields['args'], 'as') === undefined) walk.hide('a block without a text')
}

/** EXECUTE and FETCH run what an earlier statement said, perhaps one of another text. */
export const readHiddenQuery: StatementReader = (fields, place, walk) => {
  walk.hide('a statement or a cursor that was made elsewhere')
  walk.visit(fields['params'], place)
}
