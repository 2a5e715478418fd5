import { effectsOf, isBuiltInOperator, isBuiltInSampling } from './built-ins.ts'
import { type Fields, fieldsOf, listOf, namesOf, textOf } from './nodes.ts'
import { sqlName, tableName } from './sql-name.ts'
import type { Place, Walk } from './walk.ts'

/** What is to be done about a node: look into its fields, or nothing more. */
type Visited = 'descend' | 'done'

type Visitor = (fields: Fields, place: Place, walk: Walk) => Visited

// Nothing in these runs or names anything.
const LEAVES = `A_Const A_Star Alias Boolean BitString ColumnRef CurrentOfExpr Float Integer ParamRef RoleSpec SetToDefault String SQLValueFunction TypeName`
// What these do is what their parts do.
const TRANSPARENT = `A_ArrayExpr A_Indices A_Indirection AccessPriv AlterTableCmd ATAlterConstraint BooleanTest BoolExpr CaseExpr CaseWhen CoalesceExpr
  CollateClause ColumnDef CommonTableExpr Constraint CreateOpClassItem CTECycleClause CTESearchClause DefElem
  FunctionParameter GroupingFunc GroupingSet IndexElem InferClause IntoClause JoinExpr JsonAggConstructor JsonArgument
  JsonArrayAgg JsonArrayConstructor JsonArrayQueryConstructor JsonBehavior JsonFormat JsonFuncExpr JsonIsPredicate
  JsonKeyValue JsonObjectAgg JsonObjectConstructor JsonOutput JsonParseExpr JsonReturning JsonScalarExpr JsonSerializeExpr
  JsonTable JsonTableColumn JsonTablePathSpec JsonValueExpr List LockingClause MergeSupportFunc MergeWhenClause MinMaxExpr
  MultiAssignRef NamedArgExpr NullTest ObjectWithArgs OnConflictClause PartitionBoundSpec PartitionCmd PartitionElem
  PartitionRangeDatum PartitionSpec PublicationObjSpec PublicationTable RangeFunction RangeSubselect RangeTableFunc
  RangeTableFuncCol ReplicaIdentityStmt ResTarget ReturningClause ReturningOption RowExpr StatsElem TableLikeClause
  TriggerTransition TypeCast VacuumRelation WindowDef XmlExpr XmlSerialize`

// Views of the catalog that read files of the server.
const VIEWS_OF_FILES: ReadonlySet<string> = new Set(['pg_file_settings', 'pg_hba_file_rules', 'pg_ident_file_mappings'])

const VISITORS: ReadonlyMap<string, Visitor> = new Map<string, Visitor>([
  ...LEAVES.split(/\s+/).map((kind) => [kind, () => 'done'] as const),
  ...TRANSPARENT.split(/\s+/).map((kind) => [kind, () => 'descend'] as const),
  ['RangeVar', table],
  ['FuncCall', call],
  ['SelectStmt', select],
  ['A_Expr', (fields, _place, walk) => operator(fields['name'], walk)],
  ['SubLink', (fields, _place, walk) => operator(fields['operName'], walk)],
  ['SortBy', (fields, _place, walk) => operator(fields['useOp'], walk)],
  ['RangeTableSample', sampling],
])

/** What looks at a node of a kind and notes what it does in its statement; undefined for kinds that are not known. */
export function visitorOf(kind: string): Visitor | undefined {
  return VISITORS.get(kind)
}

/** Looks at fields whose kind the tree leaves out, which it does where only one kind can stand. */
export function visitUnnamed(fields: Fields, place: Place, walk: Walk): Visited {
  if ('relname' in fields) return table(fields, place)
  if ('funcname' in fields && 'funcformat' in fields) return call(fields, place, walk)
  if ('op' in fields && 'limitOption' in fields) return select(fields, place, walk)
  return 'names' in fields && 'typemod' in fields ? 'done' : 'descend'
}

function table(fields: Fields, place: Place): Visited {
  const { draft, ctes, tables } = place
  // A CTE can be read; what is changed is always a table.
  if (tables !== 'changed' && fields['schemaname'] === undefined && ctes.has(textOf(fields['relname']))) return 'done'
  const name = tableName(fields)
  if (tables !== 'changed') {
    draft.reads.add(name)
    if (VIEWS_OF_FILES.has(textOf(fields['relname']))) draft.effects.add('file')
  }
  if (tables !== 'read') draft.writes.add(name)
  return 'done'
}

// Locking rows is what an UPDATE does to them, and the server asks for the same rights.
function select(fields: Fields, place: Place, walk: Walk): Visited {
  const { effects, writes } = place.draft
  if (fields['valuesLists'] === undefined) effects.add('read')
  if (fields['intoClause'] !== undefined) {
    effects.add('ddl').add('write')
    writes.add(tableName(fieldsOf(fieldsOf(fields['intoClause'])['rel'])))
  }
  const isLocking = listOf(fields['lockingClause']).length > 0
  if (isLocking) effects.add('write')
  const tables = isLocking || place.tables === 'locked' ? 'locked' : 'read'
  if (tables === place.tables) return 'descend'
  walk.visit({ SelectStmt: fields }, { ...place, tables })
  return 'done'
}

function call(fields: Fields, place: Place, walk: Walk): Visited {
  const names = namesOf(fields['funcname'])
  const isCatalog = names.length === 2 && names[0] === 'pg_catalog'
  const name = sqlName(isCatalog ? names.slice(1) : names)
  place.draft.functions.add(name)
  const effects = isCatalog || names.length === 1 ? effectsOf(name, fields) : undefined
  if (effects === undefined) walk.hide('a function that is not among the built-in ones that are known')
  else for (const effect of effects) place.draft.effects.add(effect)
  return 'descend'
}

function operator(name: unknown, walk: Walk): Visited {
  const names = namesOf(name)
  const isCatalog = names.length < 2 || (names.length === 2 && names[0] === 'pg_catalog')
  const last = names.at(-1)
  if (last !== undefined && !(isCatalog && isBuiltInOperator(last))) {
    walk.hide('an operator that is not among the built-in ones that are known')
  }
  return 'descend'
}

function sampling(fields: Fields, _place: Place, walk: Walk): Visited {
  const method = namesOf(fields['method'])
  if (!isBuiltInSampling(sqlName(method))) walk.hide('a way of sampling that is not known')
  return 'descend'
}
