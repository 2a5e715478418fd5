import { isTagged } from '../../facts/arg-path.ts'
import { type Json, type JsonObject, isJsonObject, ownValue } from '../../kernel/json.ts'
import type { JsonType } from '../model.ts'
import { every, FALSE, some, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'

type EqualTest = (value: Json) => TruthValue

/** The type of a JSON value; dates and bytes are objects. */
export function jsonType(value: Json): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as JsonType // JSON has no other types
}

/**
 * Whether a value is one of some, exactly. Another type than one of theirs is unknown, not false: a tool may well take
 * "5" for 5. Scalars are looked up, so their number costs nothing; lists and objects are compared one by one.
 */
export function oneOfTest(wanted: readonly Json[]): EqualTest {
  const [first] = wanted
  if (wanted.length === 1 && first !== undefined) return equalTest(first)
  const scalars: ReadonlySet<Json> = new Set(wanted.filter((item) => !isStructured(item)))
  const structured = wanted.filter(isStructured).map(equalTest)
  const types = new Set(wanted.map(jsonType))
  return (value) => {
    if (scalars.has(value)) return TRUE
    const found = isStructured(value) ? some(structured, (isEqual) => isEqual(value)) : FALSE
    return found === FALSE && types.size > 0 && !(types.size === 1 && types.has(jsonType(value))) ? UNKNOWN : found
  }
}

/** How many values the lists and objects among some hold, themselves included: what comparing them with one may cost. */
export function structuredSize(wanted: readonly Json[]): number {
  return wanted.reduce((sum: number, item) => sum + (isStructured(item) ? sizeOf(item) : 0), 0)
}

function sizeOf(value: Json): number {
  if (Array.isArray(value)) return (value as readonly Json[]).reduce((sum: number, item) => sum + sizeOf(item), 1)
  return isJsonObject(value) ? Object.values(value).reduce((sum: number, item) => sum + sizeOf(item), 1) : 1
}

function isStructured(value: Json): boolean {
  return typeof value === 'object' && value !== null
}

function equalTest(wanted: Json): EqualTest {
  const type = jsonType(wanted)
  if (Array.isArray(wanted)) return ofType(type, equalListTest(wanted as readonly Json[])) // forgotten by `isArray`
  if (isJsonObject(wanted)) return ofType(type, equalObjectTest(wanted))
  return (value) => (value === wanted ? TRUE : jsonType(value) === type ? FALSE : UNKNOWN)
}

function ofType<Value extends Json>(type: JsonType, test: (value: Value) => TruthValue): EqualTest {
  return (value) => (jsonType(value) !== type || isTagged(value) ? UNKNOWN : test(value as Value)) // the type was compared
}

function equalListTest(wanted: readonly Json[]): (value: readonly Json[]) => TruthValue {
  const items = wanted.map((item, index) => ({ index, isEqual: equalTest(item) }))
  return (value) => {
    if (value.length !== items.length) return FALSE
    return every(items, ({ index, isEqual }) => isEqual(value[index] ?? null))
  }
}

function equalObjectTest(wanted: JsonObject): (value: JsonObject) => TruthValue {
  const items = Object.entries(wanted).map(([key, item]) => ({ key, isEqual: equalTest(item) }))
  return (value) => {
    if (Object.keys(value).length !== items.length) return FALSE
    if (!items.every(({ key }) => Object.hasOwn(value, key))) return FALSE
    return every(items, ({ key, isEqual }) => isEqual(ownValue(value, key) ?? null))
  }
}
