import { fieldsOf, type Fields, kindOf, listOf, namesOf, textOf } from '../nodes.ts'
import { type Known, wayOf } from './bounds.ts'
import { type Column, columnOf, type Scope } from './scope.ts'

/** A side of a comparison. */
export type Operand =
  /** The same for every row; the value where it is known. A cast may round it or cut it: then it is not exact. */
  | { readonly is: 'value'; readonly value: Known; readonly isExact: boolean }
  /** A column, or what is as different from row to row as the column. */
  | { readonly is: 'column'; readonly column: Column }
  | { readonly is: 'doubt' }

const DOUBT: Operand = { is: 'doubt' }
const UNKNOWN: Operand = { is: 'value', value: undefined, isExact: false }

// What a float tells apart as the server does.
const EXACT_NUMBER = /^(\d{1,15}|\d{0,7}\.\d{0,7})$/
// Casts that keep values apart.
const FAITHFUL_TYPES = new Set(
  'bpchar char date float4 float8 int2 int4 int8 interval json jsonb numeric text time timestamp timestamptz timetz uuid varchar'.split(
    ' ',
  ),
)
// Functions that give the same value for each row where their arguments do.
const STEADY_FUNCTIONS = new Set(
  `abs age clock_timestamp concat date date_part date_trunc extract lower make_date make_interval make_timestamp md5 now
  statement_timestamp timezone to_date to_timestamp transaction_timestamp upper`.split(/\s+/),
)
// Functions of one column whose value tells rows apart.
const FAITHFUL_FUNCTIONS = new Set('abs btrim date lower ltrim rtrim upper'.split(' '))
// Of a time, by unit: of those of `extract` that run without end, one tells times apart.
const UNITS_BY_FUNCTION: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['date_part', new Set(['epoch', 'isoyear', 'year'])],
  ['extract', new Set(['epoch', 'isoyear', 'year'])],
  ['date_trunc', new Set(['day', 'hour', 'minute', 'month', 'quarter', 'second', 'week', 'year'])],
])

const OPERAND_OF: ReadonlyMap<string, (fields: Fields, scope: Scope) => Operand> = new Map([
  ['A_Const', constant],
  ['ParamRef', () => UNKNOWN],
  ['SQLValueFunction', () => UNKNOWN],
  ['TypeCast', cast],
  ['FuncCall', call],
  ['A_Expr', arithmetic],
  ['CoalesceExpr', coalesce],
])

/** What a side of a comparison is. Columns keep their identity through casts and functions that tell values apart. */
export function operandOf(node: unknown, scope: Scope): Operand {
  const column = columnOf(node, scope)
  if (column !== undefined) return { is: 'column', column }
  const fields = fieldsOf(node)
  const kind = kindOf(fields)
  const read = kind === undefined ? undefined : OPERAND_OF.get(kind)
  return read === undefined || kind === undefined ? DOUBT : read(fieldsOf(fields[kind]), scope)
}

function constant(fields: Fields): Operand {
  const { fval } = fields
  if (fval === undefined) return { is: 'value', value: literal(fields), isExact: true }
  const text = textOf(fieldsOf(fval)['fval'])
  return { is: 'value', value: Number(text), isExact: EXACT_NUMBER.test(text) }
}

function literal({ isnull, boolval, ival, sval }: Fields): Known {
  if (isnull === true) return null
  if (boolval !== undefined) return fieldsOf(boolval)['boolval'] === true
  if (ival !== undefined) return Number(fieldsOf(ival)['ival'] ?? 0)
  return sval === undefined ? undefined : textOf(fieldsOf(sval)['sval'])
}

function cast(fields: Fields, scope: Scope): Operand {
  const inner = operandOf(fields['arg'], scope)
  const type = namesOf(fieldsOf(fields['typeName'])['names']).at(-1) ?? ''
  if (inner.is === 'column') return FAITHFUL_TYPES.has(type) ? inner : DOUBT
  if (inner.is === 'doubt' || inner.value === null) return inner
  return type === 'bool' ? { is: 'value', value: truthOf(inner.value), isExact: true } : { ...inner, isExact: false }
}

function truthOf(value: Known): boolean | undefined {
  if (typeof value === 'boolean') return value
  const way = typeof value === 'string' ? wayOf(value) : 'point'
  return way === 'point' ? undefined : way === 'true'
}

function call(fields: Fields, scope: Scope): Operand {
  const names = namesOf(fields['funcname'])
  const name = names.length === 2 && names[0] === 'pg_catalog' ? names[1] : names[0]
  if (name === undefined || names.length > 2 || fields['over'] !== undefined) return DOUBT
  const args = listOf(fields['args']).map((arg) => operandOf(arg, scope))
  if (args.every(({ is }) => is === 'value')) return STEADY_FUNCTIONS.has(name) ? UNKNOWN : DOUBT
  return faithful(name, args) ?? DOUBT
}

function faithful(name: string, args: readonly Operand[]): Operand | undefined {
  const [first, second] = args
  if (args.length === 1) return FAITHFUL_FUNCTIONS.has(name) ? first : undefined
  const unit = first?.is === 'value' && typeof first.value === 'string' ? first.value.toLowerCase() : ''
  return args.length === 2 && UNITS_BY_FUNCTION.get(name)?.has(unit) === true ? second : undefined
}

// A column moved by a value still tells rows apart; one that is multiplied may not, as by 0.
function arithmetic(fields: Fields, scope: Scope): Operand {
  const names = namesOf(fields['name'])
  if (fields['kind'] !== 'AEXPR_OP' || names.length !== 1) return DOUBT
  const left = fields['lexpr'] === undefined ? UNKNOWN : operandOf(fields['lexpr'], scope)
  const right = operandOf(fields['rexpr'], scope)
  if (right.is !== 'value' || right.value === null) return DOUBT
  if (left.is === 'value') return left.value === null ? DOUBT : UNKNOWN
  return MOVES.has(names[0] ?? '') ? left : DOUBT
}

const MOVES: ReadonlySet<string> = new Set(['+', '-', '->', '->>', '#>', '#>>'])

function coalesce(fields: Fields, scope: Scope): Operand {
  const args = listOf(fields['args']).map((arg) => operandOf(arg, scope))
  const [first = DOUBT, ...rest] = args
  if (rest.some(({ is }) => is !== 'value')) return DOUBT
  if (first.is !== 'value') return first
  // The first that is not NULL; where it is not known whether one is, nothing is known.
  return args.find((each) => each.is === 'value' && each.value !== null) ?? first
}
