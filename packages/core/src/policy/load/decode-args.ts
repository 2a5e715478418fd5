import { canonicalJson } from '../../kernel/canonical-json.ts'
import { type Json, type JsonObject, isJsonObject, ownValue } from '../../kernel/json.ts'
import { argPath } from '../arg-path.ts'
import type { ArgTest, Comparison, Condition, JsonType } from '../model.ts'
import { conditionJson } from './canonical.ts'
import { checkRegex } from './check-regex.ts'
import { checkArgPath, checkDecimal, checkNotEmpty } from './texts.ts'

type ArgsCondition = Extract<Condition, { kind: 'args' }>

/** The longest conditions of a grant, as canonical text. */
export const MAX_ARGS_LENGTH = 65_536

const TYPES: ReadonlySet<Json> = new Set<JsonType>(['string', 'number', 'boolean', 'null', 'array', 'object'])

/**
 * Reads conditions of kind `args` from the canonical text that a policy writes them as. Anything else is undefined,
 * also what says the same in another way: reading and writing again must give the text.
 */
export function decodeArgs(text: string): readonly ArgsCondition[] | undefined {
  const value = JSON.parse(text) as Json // canonical text, which is JSON
  const conditions = listOf(value)?.map(conditionOf)
  if (conditions === undefined || conditions.length === 0) return undefined
  const known = conditions.filter((condition) => condition !== undefined)
  if (known.length < conditions.length) return undefined
  return canonicalJson(known.map(conditionJson)) === text ? known : undefined
}

function conditionOf(value: Json): ArgsCondition | undefined {
  if (!isJsonObject(value) || ownValue(value, 'kind') !== 'args') return undefined
  const path = ownValue(value, 'path')
  const tests = listOf(ownValue(value, 'tests'))?.map(testOf)
  if (typeof path !== 'string' || checkArgPath(path) !== undefined) return undefined
  if (tests === undefined || tests.length === 0) return undefined
  const known = tests.filter((test) => test !== undefined)
  return known.length < tests.length ? undefined : { kind: 'args', path: argPath(path), tests: known }
}

type Decode = (test: JsonObject) => ArgTest | undefined

const DECODE: { readonly [Op in ArgTest['op']]: Decode } = {
  eq: valueTest('eq'),
  ne: valueTest('ne'),
  in: listTest('in'),
  not_in: listTest('not_in'),
  gt: boundTest('gt'),
  gte: boundTest('gte'),
  lt: boundTest('lt'),
  lte: boundTest('lte'),
  contains: textTest('contains'),
  starts_with: textTest('starts_with'),
  ends_with: textTest('ends_with'),
  glob: textTest('glob'),
  matches: textTest('matches'),
  type: (test) => {
    const types = listOf(ownValue(test, 'types'))?.filter(isType)
    return types === undefined || types.length === 0 ? undefined : { op: 'type', types }
  },
  length_lte: (test) => {
    const value = ownValue(test, 'value')
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? { op: 'length_lte', value }
      : undefined
  },
  present: (test) => {
    const value = ownValue(test, 'value')
    return typeof value === 'boolean' ? { op: 'present', value } : undefined
  },
}

function testOf(value: Json): ArgTest | undefined {
  if (!isJsonObject(value)) return undefined
  const op = ownValue(value, 'op')
  return typeof op === 'string' && Object.hasOwn(DECODE, op) ? DECODE[op as ArgTest['op']](value) : undefined
}

function isType(value: Json): value is JsonType {
  return TYPES.has(value)
}

function valueTest(op: 'eq' | 'ne'): Decode {
  return (test) => {
    const value = ownValue(test, 'value')
    return value === undefined ? undefined : { op, value }
  }
}

function listTest(op: 'in' | 'not_in'): Decode {
  return (test) => {
    const values = listOf(ownValue(test, 'values'))
    return values === undefined || values.length === 0 ? undefined : { op, values }
  }
}

function boundTest(op: Comparison): Decode {
  return (test) => {
    const value = ownValue(test, 'value')
    return typeof value === 'string' && checkDecimal(value) === undefined ? { op, value } : undefined
  }
}

function textTest(op: Extract<ArgTest, { text: string }>['op']): Decode {
  return (test) => {
    const text = ownValue(test, 'text')
    if (typeof text !== 'string') return undefined
    const fault = op === 'matches' ? checkRegex(text) : checkNotEmpty(text)
    return fault === undefined ? { op, text } : undefined
  }
}

function listOf(value: Json | undefined): readonly Json[] | undefined {
  return Array.isArray(value) ? (value as readonly Json[]) : undefined // `isArray` forgets the type of the elements
}
