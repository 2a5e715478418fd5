import { fieldsOfKind, type Fields, listOf, namesOf, textOf } from '../nodes.ts'
import { isAboveAll, isBelowAll, type Known, wayOf } from './bounds.ts'
import { type Operand, operandOf } from './operand.ts'
import { isPicked } from './queries.ts'
import { type Atom, type Column, DOUBT, type Fold, roleOf, type Scope } from './scope.ts'

/** A comparison as it is judged: with its two sides, and perhaps its opposite. */
interface Comparison {
  readonly operator: string
  readonly negated: boolean
  readonly left: unknown
  readonly right: unknown
  readonly scope: Scope
}

const OPPOSITE: ReadonlyMap<string, string> = new Map([
  ['=', '<>'],
  ['<>', '='],
  ['<', '>='],
  ['>=', '<'],
  ['>', '<='],
  ['<=', '>'],
])
const TURNED: ReadonlyMap<string, string> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['<', '>'],
  ['>', '<'],
  ['<=', '>='],
  ['>=', '<='],
])
// Columns that the server fills: one may be the same in each row, or older than all.
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['tableoid', 'xmin', 'xmax', 'cmin', 'cmax'])
// Patterns that say something of the text: at least one letter or digit that must stand there.
const TELLING_LIKE = /[\p{L}\p{N}]/u
const TELLING_REGEX = /^\^?[\p{L}\p{N} @,:/-]*[\p{L}\p{N}][\p{L}\p{N} @,:/-]*\$?$/u

const JUDGES: ReadonlyMap<string, (comparison: Comparison) => Fold> = new Map([
  ['AEXPR_OP', operation],
  ['AEXPR_NOT_DISTINCT', (it) => (it.negated ? DOUBT : operation(it))],
  ['AEXPR_LIKE', like],
  ['AEXPR_ILIKE', like],
  ['AEXPR_IN', (it) => ((it.operator === '=') === it.negated ? DOUBT : inList(it))],
  ['AEXPR_OP_ANY', (it) => (it.operator === '=' && !it.negated ? inArray(it) : DOUBT)],
  ['AEXPR_BETWEEN', between],
  ['AEXPR_BETWEEN_SYM', between],
])

/** Whether a comparison selects rows. */
export function compared(fields: Fields, negated: boolean, scope: Scope): Fold {
  const [operator, ...rest] = namesOf(fields['name'])
  const judge = JUDGES.get(textOf(fields['kind']))
  if (operator === undefined || rest.length > 0 || judge === undefined) return DOUBT
  return judge({ operator, negated, left: fields['lexpr'], right: fields['rexpr'], scope })
}

function operation({ operator, negated, left, right, scope }: Comparison): Fold {
  const asked = negated ? OPPOSITE.get(operator) : operator
  if (asked === undefined) return DOUBT
  const first = operandOf(left, scope)
  const second = operandOf(right, scope)
  if (first.is === 'column') {
    if (second.is === 'value') return ofColumn(asked, first.column, { value: second.value, scope })
    return asked === '=' ? equalTo(first.column, { second, right, scope }) : DOUBT
  }
  if (first.is === 'doubt' || second.is === 'doubt') return DOUBT
  if (second.is === 'value') return ofValues(asked, first, second)
  return ofColumn(TURNED.get(asked), second.column, { value: first.value, scope })
}

interface Right {
  readonly second: Operand
  readonly right: unknown
  readonly scope: Scope
}

function equalTo(column: Column, { second, right, scope }: Right): Fold {
  if (second.is === 'column') return join(column, second.column, scope)
  return isTarget(column, scope) && isPicked(right, column, scope) ? selects(column, 'point') : DOUBT
}

type Value = Extract<Operand, { is: 'value' }>

function ofValues(operator: string, first: Value, second: Value): Fold {
  if (first.value === null || second.value === null) return { is: 'false' }
  const left = exactly(first)
  const right = exactly(second)
  if (left === undefined || typeof left !== typeof right) return DOUBT
  if (operator === '=') return truthOf(left === right)
  if (operator === '<>') return truthOf(left !== right)
  return typeof left === 'number' && typeof right === 'number' ? ofNumbers(operator, left - right) : DOUBT
}

function exactly({ value, isExact }: Value): Known {
  return isExact ? value : undefined
}

function ofNumbers(operator: string, difference: number): Fold {
  if (operator === '<') return truthOf(difference < 0)
  if (operator === '<=') return truthOf(difference <= 0)
  if (operator === '>') return truthOf(difference > 0)
  return operator === '>=' ? truthOf(difference >= 0) : DOUBT
}

function truthOf(answer: boolean): Fold {
  return { is: answer ? 'true' : 'false' }
}

// What a column is told by a value, operator by operator. `<>` is not among them: it leaves out a value, and nothing
// says that the rest is not all.
const WAYS: ReadonlyMap<string, (value: Known) => Atom['way'] | undefined> = new Map([
  ['=', wayOf],
  ['>', (value) => (isBelowAll(value, '>') ? undefined : 'lower')],
  ['>=', (value) => (isBelowAll(value, '>=') ? undefined : 'lower')],
  ['<', (value) => (isAboveAll(value) ? undefined : 'upper')],
  ['<=', (value) => (isAboveAll(value) ? undefined : 'upper')],
  ['~', wayOfPattern],
  ['~*', wayOfPattern],
])

function wayOfPattern(value: Known): Atom['way'] | undefined {
  return typeof value === 'string' && TELLING_REGEX.test(value) ? 'point' : undefined
}

interface Valued {
  readonly value: Known
  readonly scope: Scope
}

function ofColumn(operator: string | undefined, column: Column, { value, scope }: Valued): Fold {
  if (value === null) return { is: 'false' }
  const way = WAYS.get(operator ?? '')?.(value)
  return way === undefined || !isTarget(column, scope) ? DOUBT : selects(column, way)
}

function join(left: Column, right: Column, scope: Scope): Fold {
  const roles = [roleOf(left, scope), roleOf(right, scope)]
  const own = roles[0] === 'target' ? left : right
  if (!roles.includes('target') || !roles.includes('other') || !isTarget(own, scope)) return DOUBT
  return selects(own, 'join')
}

function like({ operator, negated, left, right, scope }: Comparison): Fold {
  if (operator.startsWith('!') !== negated) return DOUBT
  const column = operandOf(left, scope)
  const pattern = operandOf(right, scope)
  if (column.is !== 'column' || !isTarget(column.column, scope) || pattern.is !== 'value') return DOUBT
  const isTelling = typeof pattern.value === 'string' && TELLING_LIKE.test(pattern.value)
  return isTelling ? selects(column.column, 'point') : DOUBT
}

function inList(comparison: Comparison): Fold {
  return inValues(comparison, listOf(fieldsOfKind(comparison.right, 'List')?.['items']))
}

function inArray(comparison: Comparison): Fold {
  const { right } = comparison
  const array =
    fieldsOfKind(right, 'A_ArrayExpr') ?? fieldsOfKind(fieldsOfKind(right, 'TypeCast')?.['arg'], 'A_ArrayExpr')
  return inValues(comparison, array === undefined ? [right] : listOf(array['elements']))
}

function inValues({ left, scope }: Comparison, items: readonly unknown[]): Fold {
  const columns = partsOf(left).map((part) => operandOf(part, scope))
  const own = columns.find((each) => each.is === 'column' && isTarget(each.column, scope))
  const values = items.flatMap(partsOf).map((part) => operandOf(part, scope))
  if (own?.is !== 'column' || !values.every(({ is }) => is === 'value')) return DOUBT
  const ways = new Set(values.map((each) => (each.is === 'value' ? wayOf(each.value) : 'point')))
  if (ways.has('true') && ways.has('false')) return DOUBT
  return { is: 'selects', atoms: [...ways].map((way) => ({ column: own.column, way })) }
}

function partsOf(node: unknown): readonly unknown[] {
  const row = fieldsOfKind(node, 'RowExpr')
  return row === undefined ? [node] : listOf(row['args'])
}

function between(comparison: Comparison): Fold {
  if (comparison.negated) return DOUBT
  const [low, high] = listOf(fieldsOfKind(comparison.right, 'List')?.['items'])
  const folds = [
    operation({ ...comparison, operator: '>=', right: low }),
    operation({ ...comparison, operator: '<=', right: high }),
  ]
  const atoms = folds.flatMap((fold) => (fold.is === 'selects' ? fold.atoms : []))
  return atoms.length === 0 || folds.some(({ is }) => is === 'false') ? DOUBT : { is: 'selects', atoms }
}

function isTarget(column: Column, scope: Scope): boolean {
  return !SYSTEM_COLUMNS.has(column.name) && roleOf(column, scope) === 'target'
}

function selects(column: Column, way: Atom['way']): Fold {
  return { is: 'selects', atoms: [{ column, way }] }
}
