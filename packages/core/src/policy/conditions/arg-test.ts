import type { Reach } from '../../action/pattern.ts'
import { isTagged } from '../../facts/arg-path.ts'
import { type Json, type JsonObject, isJsonObject, ownValue } from '../../kernel/json.ts'
import type { EventFacts } from '../event-facts.ts'
import type { ArgTest, JsonType } from '../model.ts'
import { every, FALSE, not, some, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { comparison } from './comparison.ts'
import { textTest } from './text-test.ts'

/** One operator, compiled. */
export interface CompiledArgTest {
  readonly test: ValueTest
  /** What a value has to be, so that the operator can judge it. */
  readonly expected: string
}

type ValueTest = (value: Json | undefined, facts: EventFacts) => TruthValue

/** Compiles one operator of a matcher. A value that is missing, or of another type than the operator is for, is unknown. */
export function compileArgTest(test: ArgTest, reach: Reach): CompiledArgTest {
  if ('text' in test) return textOperator(test, reach)
  if ('values' in test) return equality(test.values, test.op === 'not_in')
  if ('types' in test) return present('anything', (value) => truthOf(test.types.includes(jsonType(value))))
  switch (test.op) {
    case 'eq':
    case 'ne':
      return equality([test.value], test.op === 'ne')
    case 'length_lte':
      return present('a text or a list', (value) => truthOf(isNoLonger(value, test.value)))
    case 'present':
      return { expected: 'anything', test: (value) => truthOf((value !== undefined) === test.value) }
    default:
      return order(test)
  }
}

/** The type of a JSON value; dates and bytes are objects. */
function jsonType(value: Json): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as JsonType // JSON has no other types
}

function present(expected: string, test: (value: Json, facts: EventFacts) => TruthValue): CompiledArgTest {
  return { expected, test: (value, facts) => (value === undefined ? UNKNOWN : test(value, facts)) }
}

function equality(wanted: readonly Json[], negated: boolean): CompiledArgTest {
  const types = [...new Set(wanted.map(jsonType))].join(' or ')
  return present(`of type ${types}`, (value) => {
    const found = some(wanted, (item) => equals(value, item))
    return negated ? not(found) : found
  })
}

// Exact. Another type is unknown, not false: a tool may well take "5" for 5.
function equals(value: Json, wanted: Json): TruthValue {
  if (jsonType(value) !== jsonType(wanted) || isTagged(value)) return UNKNOWN
  if (Array.isArray(value)) return equalLists(value as readonly Json[], wanted as readonly Json[]) // both are arrays
  return isJsonObject(value) ? equalObjects(value, wanted as JsonObject) : truthOf(value === wanted) // of one type
}

function equalLists(value: readonly Json[], wanted: readonly Json[]): TruthValue {
  if (value.length !== wanted.length) return FALSE
  return every([...wanted.keys()], (index) => equals(value[index] ?? null, wanted[index] ?? null))
}

function equalObjects(value: JsonObject, wanted: JsonObject): TruthValue {
  const keys = Object.keys(wanted)
  if (Object.keys(value).length !== keys.length || !keys.every((key) => Object.hasOwn(value, key))) return FALSE
  return every(keys, (key) => equals(ownValue(value, key) ?? null, ownValue(wanted, key) ?? null))
}

function order({ op, value }: Extract<ArgTest, { op: 'gt' | 'gte' | 'lt' | 'lte' }>): CompiledArgTest {
  const compare = comparison(op, value)
  return present('a number', (found) => (typeof found === 'number' ? compare(found) : UNKNOWN))
}

function textOperator(test: Parameters<typeof textTest>[0], reach: Reach): CompiledArgTest {
  const judge = textTest(test, reach)
  return present('a text', (value, facts) => (typeof value === 'string' ? judge(value, facts) : UNKNOWN))
}

function isNoLonger(value: Json, limit: number): boolean | undefined {
  if (Array.isArray(value)) return value.length <= limit
  return typeof value === 'string' ? isShortText(value, limit) : undefined
}

// Counted in code points, of which a UTF-16 unit is at least half of one.
function isShortText(text: string, limit: number): boolean {
  if (text.length <= limit) return true
  return text.length <= limit * 2 && Array.from(text).length <= limit
}
