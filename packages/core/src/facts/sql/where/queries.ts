import { fieldsOf, fieldsOfKind, type Fields, kindOf, listOf, namesOf, textOf } from '../nodes.ts'
import { operandOf } from './operand.ts'
import { aliasOf, type Column, DOUBT, type Fold, type Role, roleOf, type Scope } from './scope.ts'

/** The most rows that a LIMIT can let through and still pick some. */
const MAX_LIMIT = 1_000
// What makes rows of no table.
const ROWS_FROM_NOTHING = new Set(['RangeFunction', 'RangeTableFunc', 'JsonTable', 'RangeTableSample'])
const PICKING_AGGREGATES = new Set(['max', 'min'])
const AGGREGATES = new Set(['avg', 'count', 'max', 'min', 'sum'])

/** The roles of what stands in a FROM or USING, by the names it goes by. */
export function rolesOf(items: readonly unknown[], scope: Scope): ReadonlyMap<string, Role> {
  const roles = new Map<string, Role>()
  for (const item of items) {
    const fields = fieldsOf(item)
    const kind = kindOf(fields) ?? ''
    const inner = fieldsOf(fields[kind])
    if (kind === 'JoinExpr') {
      for (const [name, role] of rolesOf([inner['larg'], inner['rarg']], scope)) roles.set(name, role)
    } else roles.set(aliasOf(inner), roleOfItem(kind, inner, scope))
  }
  return roles
}

function roleOfItem(kind: string, fields: Fields, scope: Scope): Role {
  if (kind === 'RangeVar') {
    const cte = fields['schemaname'] === undefined ? scope.ctes.get(textOf(fields['relname'])) : undefined
    if (cte !== undefined)
      return isNarrow(fieldsOfKind(cte, 'SelectStmt'), withoutCte(fields, scope)) ? 'other' : 'doubtful'
    return fields['relname'] === scope.table ? 'doubtful' : 'other'
  }
  if (kind !== 'RangeSubselect') return 'doubtful'
  return isNarrow(fieldsOfKind(fields['subquery'], 'SelectStmt'), scope) ? 'other' : 'doubtful'
}

/**
 * Whether `column = query` or `column IN (query)` picks rows: the query's column is its own, and it does not yield the
 * whole table again.
 */
export function isPicked(node: unknown, column: Column, scope: Scope): boolean {
  const link = fieldsOfKind(node, 'SubLink')
  if (link === undefined || link['subLinkType'] !== 'EXPR_SUBLINK') return false
  const query = fieldsOfKind(link['subselect'], 'SelectStmt')
  return query !== undefined && listOf(query['fromClause']).length > 0 && yieldsItsOwn(query, column, scope)
}

/** Whether IN (query) or EXISTS (query) selects rows. */
export function isJoined(link: Fields, scope: Scope): Fold {
  const query = fieldsOfKind(link['subselect'], 'SelectStmt')
  if (query === undefined || query['withClause'] !== undefined) return DOUBT
  if (link['subLinkType'] === 'EXISTS_SUBLINK') return exists(query, scope)
  return link['subLinkType'] === 'ANY_SUBLINK' ? isIn(query, link, scope) : DOUBT
}

function isIn(query: Fields, link: Fields, scope: Scope): Fold {
  const left = operandOf(link['testexpr'], scope)
  const isEqual = namesOf(link['operName']).every((operator) => operator === '=')
  if (!isEqual || left.is !== 'column' || roleOf(left.column, scope) !== 'target') return DOUBT
  const isPicking = isNarrow(query, scope) && yieldsItsOwn(query, left.column, scope)
  return isPicking ? { is: 'selects', atoms: [{ column: left.column, way: 'join' }] } : DOUBT
}

// It selects where its WHERE ties the table's columns to another table's. An aggregate gives a row even of nothing.
function exists(query: Fields, scope: Scope): Fold {
  const isPlain =
    query['op'] === 'SETOP_NONE' &&
    ['groupClause', 'havingClause', 'valuesLists', 'limitCount', 'limitOffset', 'windowClause'].every(
      (name) => !(name in query),
    ) &&
    listOf(query['targetList']).every((target) => isSimple(fieldsOfKind(target, 'ResTarget')?.['val'])) &&
    listOf(query['fromClause']).every((item) => fieldsOfKind(item, 'RangeVar') !== undefined)
  const items = listOf(query['fromClause'])
  if (!isPlain || items.length === 0 || query['whereClause'] === undefined || !spend(scope)) return DOUBT
  const roles = new Map([...scope.roles, ...rolesOf(items, scope)])
  return scope.judge({ node: query['whereClause'], negated: false }, { ...scope, roles, isInner: true })
}

function isSimple(node: unknown): boolean {
  return fieldsOfKind(node, 'A_Const') !== undefined || fieldsOfKind(node, 'ColumnRef') !== undefined
}

// A name alone is the query's where the query has such a column, else the outer table's: then every row equals itself.
function yieldsItsOwn(query: Fields, column: Column, scope: Scope): boolean {
  if (query['op'] !== 'SETOP_NONE') {
    return [query['larg'], query['rarg']].every((side) => yieldsItsOwn(fieldsOf(side), column, scope))
  }
  if (query['valuesLists'] !== undefined) {
    return listOf(query['valuesLists']).every((row) => listOf(fieldsOfKind(row, 'List')?.['items']).every(isConstant))
  }
  const [target, ...rest] = listOf(query['targetList']).map((each) => fieldsOfKind(each, 'ResTarget')?.['val'])
  return rest.length === 0 && isOwn(target, { query, column, scope })
}

interface Inside {
  readonly query: Fields
  readonly column: Column
  readonly scope: Scope
}

function isOwn(node: unknown, inside: Inside): boolean {
  if (isConstant(node)) return true
  const inner = fieldsOfKind(node, 'TypeCast')?.['arg']
  if (inner !== undefined) return isOwn(inner, inside)
  const call = fieldsOfKind(node, 'FuncCall')
  if (call !== undefined) {
    const [argument, ...rest] = listOf(call['args'])
    return PICKING_AGGREGATES.has(namesOf(call['funcname']).join('.')) && rest.length === 0 && isOwn(argument, inside)
  }
  return isOwnColumn(listOf(fieldsOfKind(node, 'ColumnRef')?.['fields']), inside)
}

function isOwnColumn(parts: readonly unknown[], { query, column, scope }: Inside): boolean {
  const from = listOf(query['fromClause'])
  const isStar = parts.length === 1 && fieldsOf(parts[0])['A_Star'] !== undefined
  if (parts.length === 0 || from.length === 0) return false
  if (isStar) return true
  const names = namesOf(parts)
  if (names.length > 1) return rolesOf(from, scope).has(names.at(-2) ?? '')
  const only = from.length === 1 ? fieldsOfKind(from[0], 'RangeVar') : undefined
  return names[0] !== column.name || (only !== undefined && only['relname'] === scope.table)
}

function isConstant(node: unknown): boolean {
  return fieldsOfKind(node, 'A_Const') !== undefined || fieldsOfKind(node, 'ParamRef') !== undefined
}

/** True where a query cannot yield the whole table: it does not read it, or reads a part that a WHERE or LIMIT picks. */
function isNarrow(query: Fields | undefined, scope: Scope): boolean {
  if (query === undefined || query['withClause'] !== undefined || !spend(scope)) return false
  if (query['op'] !== 'SETOP_NONE') {
    return [query['larg'], query['rarg']].every((side) => isNarrow(fieldsOf(side), scope))
  }
  if (query['fromClause'] === undefined && query['valuesLists'] === undefined) return isOfConstants(query)
  return !mayYieldTable(query, scope) || isLimited(query) || isSelecting(query, scope)
}

function isOfConstants(query: Fields): boolean {
  const targets = listOf(query['targetList']).map((target) => fieldsOfKind(target, 'ResTarget')?.['val'])
  return targets.length > 0 && targets.every(isConstant)
}

function isLimited(query: Fields): boolean {
  const limit = fieldsOf(fieldsOfKind(query['limitCount'], 'A_Const')?.['ival'])['ival']
  return typeof limit === 'number' && limit <= MAX_LIMIT && query['limitOption'] === 'LIMIT_OPTION_COUNT'
}

function isSelecting(query: Fields, scope: Scope): boolean {
  const [only, ...rest] = listOf(query['fromClause'])
  const table = fieldsOfKind(only, 'RangeVar')
  if (table === undefined || rest.length > 0 || query['whereClause'] === undefined) return false
  const roles = new Map([[aliasOf(table), 'target' as const]])
  const inner = { ...scope, roles, isInner: false, table: textOf(table['relname']) }
  return scope.judge({ node: query['whereClause'], negated: false }, inner).is === 'selects'
}

function mayYieldTable(part: unknown, scope: Scope): boolean {
  if (typeof part !== 'object' || part === null) return false
  if (!spend(scope)) return true
  if (Array.isArray(part)) return part.some((each) => mayYieldTable(each, scope))
  const fields = fieldsOf(part)
  const kind = kindOf(fields)
  if (kind === 'RangeVar') return roleOfItem(kind, fieldsOf(fields[kind]), scope) === 'doubtful'
  if (kind !== undefined && ROWS_FROM_NOTHING.has(kind)) return true
  if (kind === 'ResTarget' && mayMakeRows(fields[kind])) return true
  return Object.values(fields).some((each) => mayYieldTable(each, scope))
}

// A function in place of a column can give many rows for one.
function mayMakeRows(target: unknown): boolean {
  const value = fieldsOf(target)['val']
  const call = fieldsOfKind(value, 'FuncCall')
  if (call !== undefined) return !AGGREGATES.has(namesOf(call['funcname']).join('.'))
  return !isSimple(value)
}

// A CTE that names itself, or a table of its own name, is looked at once.
function withoutCte(fields: Fields, scope: Scope): Scope {
  const ctes = new Map(scope.ctes)
  ctes.delete(textOf(fields['relname']))
  return { ...scope, ctes }
}

function spend({ budget }: Scope): boolean {
  budget.left -= 1
  return budget.left > 0
}
