import { fieldsOf, fieldsOfKind, type Fields, kindOf, listOf, textOf } from '../nodes.ts'
import type { SqlStatement } from '../sql-facts.ts'
import type { Ctes } from '../walk.ts'
import { compared } from './comparison.ts'
import { operandOf } from './operand.ts'
import { isJoined, rolesOf } from './queries.ts'
import { aliasOf, type Atom, type Column, DOUBT, type Fold, type Judge, roleOf, type Scope } from './scope.ts'

/** The most parts of queries inside a condition that are looked at. */
const MAX_PARTS = 20_000

/** Where a WHERE stands. */
interface WherePlace {
  /** The table whose rows it selects. */
  readonly target: Fields
  /** What else is in its FROM or USING. */
  readonly others: readonly unknown[]
  readonly ctes: Ctes
}

/**
 * Whether a WHERE selects rows. It does only where some part of it ties a column of the table to values, to a bound, or
 * to another table's column; whatever is in doubt counts as the same for every row. A bound that no row is beyond
 * (`id > 5` in a table that starts at 6) is not seen: that is not in the text.
 */
export function whereOf(where: unknown, { target, others, ctes }: WherePlace): SqlStatement['where'] {
  if (where === undefined) return 'missing'
  const scope: Scope = {
    table: textOf(target['relname']),
    roles: new Map(),
    ctes,
    isInner: false,
    budget: { left: MAX_PARTS },
    judge,
  }
  const roles = new Map([...rolesOf(others, scope), [aliasOf(target), 'target' as const]])
  return judge({ node: where, negated: false }, { ...scope, roles }).is === 'selects' ? 'selects' : 'constant'
}

const judge: Judge = ({ node, negated }, scope) => {
  const fields = fieldsOf(node)
  const kind = kindOf(fields) ?? ''
  const inner = fieldsOf(fields[kind])
  switch (kind) {
    case 'BoolExpr':
      return logic(inner, negated, scope)
    case 'A_Expr':
      return compared(inner, negated, scope)
    case 'NullTest':
      return nullTest(inner, negated, scope)
    case 'SubLink':
      return negated ? DOUBT : isJoined(inner, scope)
    case 'CurrentOfExpr':
      return negated ? DOUBT : { is: 'selects', atoms: [] }
    default:
      return truth(node, negated, scope)
  }
}

// NOT is pushed down to what it stands before: of an AND it makes an OR.
function logic(fields: Fields, negated: boolean, scope: Scope): Fold {
  const { boolop } = fields
  const args = listOf(fields['args'])
  if (boolop === 'NOT_EXPR') return judge({ node: args[0], negated: !negated }, scope)
  const folds = args.map((node) => judge({ node, negated }, scope))
  return (boolop === 'AND_EXPR') === negated ? either(folds) : both(folds)
}

// One part that selects is enough.
function both(folds: readonly Fold[]): Fold {
  if (folds.some(({ is }) => is === 'false')) return { is: 'false' }
  const atoms = folds.flatMap((fold) => (fold.is === 'selects' ? fold.atoms : []))
  if (folds.some(({ is }) => is === 'selects')) return { is: 'selects', atoms }
  return folds.some(({ is }) => is === 'doubt') ? DOUBT : { is: 'true' }
}

// Every part must select, and no two may make up the whole, as `x < 5 OR x >= 5`.
function either(folds: readonly Fold[]): Fold {
  const rest = folds.filter(({ is }) => is !== 'false')
  if (rest.length === 0) return { is: 'false' }
  if (rest.some(({ is }) => is === 'true')) return { is: 'true' }
  const parts = rest.flatMap((fold) => (fold.is === 'selects' ? [fold.atoms] : []))
  return parts.length < rest.length || mayMakeUpAll(parts) ? DOUBT : { is: 'selects', atoms: parts.flat() }
}

const REST: Readonly<Partial<Record<Atom['way'], Atom['way']>>> = {
  lower: 'upper',
  upper: 'lower',
  true: 'false',
  false: 'true',
}

function mayMakeUpAll(parts: readonly (readonly Atom[])[]): boolean {
  const waysByName = new Map<string, Set<Atom['way'] | undefined>>()
  for (const atoms of parts) {
    if (atoms.some(({ column, way }) => REST[way] !== undefined && waysByName.get(column.name)?.has(REST[way])))
      return true
    for (const { column, way } of atoms) {
      const ways = waysByName.get(column.name) ?? new Set()
      waysByName.set(column.name, ways.add(way))
    }
  }
  return false
}

// Whether a column can be NULL at all is not in the text: IS NOT NULL may be true of every row.
function nullTest(fields: Fields, negated: boolean, scope: Scope): Fold {
  const operand = operandOf(fields['arg'], scope)
  const isNull = (fields['nulltesttype'] === 'IS_NULL') !== negated
  if (operand.is === 'value' && operand.value !== undefined) {
    return { is: (operand.value === null) === isNull ? 'true' : 'false' }
  }
  if (operand.is !== 'column' || !isNull || roleOf(operand.column, scope) !== 'target') return DOUBT
  return { is: 'selects', atoms: [{ column: operand.column, way: 'point' }] }
}

// A condition that is a value: TRUE, NULL, a column of truth values, or a test of one.
function truth(node: unknown, negated: boolean, scope: Scope): Fold {
  const test = fieldsOfKind(node, 'BooleanTest')
  if (test !== undefined) return truthTest(test, negated, scope)
  const operand = operandOf(node, scope)
  if (operand.is === 'column') return ofTruthColumn(operand.column, !negated, scope)
  if (operand.is !== 'value') return DOUBT
  if (operand.value === null) return { is: 'false' }
  return typeof operand.value === 'boolean' ? { is: operand.value === negated ? 'false' : 'true' } : DOUBT
}

function truthTest(test: Fields, negated: boolean, scope: Scope): Fold {
  const [whole, not, value] = /^IS_(NOT_)?(TRUE|FALSE)$/.exec(textOf(test['booltesttype'])) ?? []
  const operand = operandOf(test['arg'], scope)
  if (whole === undefined || operand.is !== 'column') return DOUBT
  const isPlain = (not === undefined) !== negated
  return ofTruthColumn(operand.column, (value === 'TRUE') === isPlain, scope)
}

function ofTruthColumn(column: Column, isTrue: boolean, scope: Scope): Fold {
  if (roleOf(column, scope) !== 'target') return DOUBT
  return { is: 'selects', atoms: [{ column, way: isTrue ? 'true' : 'false' }] }
}
