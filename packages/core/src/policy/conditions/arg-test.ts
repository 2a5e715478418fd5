import type { Reach } from '../../action/pattern.ts'
import type { ArgValues } from '../../facts/arg-path.ts'
import type { Json } from '../../kernel/json.ts'
import type { EventFacts } from '../event-facts.ts'
import type { ArgTest } from '../model.ts'
import { not, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { comparison } from './comparison.ts'
import { jsonType, oneOfTest, structuredSize } from './equality.ts'
import { textsWork, textTest } from './text-test.ts'

/** One operator, compiled. */
export interface CompiledArgTest {
  readonly test: ValueTest
  /** What a value has to be, so that the operator can judge it. */
  readonly expected: string
  /** Whether judging all of some values could take too long, even where none does alone. */
  readonly isTooMuch: (values: ArgValues) => boolean
}

type ValueTest = (value: Json | undefined, facts: EventFacts) => TruthValue

/**
 * The most work that comparing lists and objects may take: how many values are compared × how many values the lists and
 * objects of the policy hold. Beyond it the answer is unknown.
 */
const MAX_EQUAL_WORK = 10_000_000

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
      return { ...NEVER_TOO_MUCH, expected: 'anything', test: (value) => truthOf((value !== undefined) === test.value) }
    default:
      return order(test)
  }
}

const NEVER_TOO_MUCH = { isTooMuch: (): boolean => false }

function present(expected: string, test: (value: Json, facts: EventFacts) => TruthValue): CompiledArgTest {
  return {
    ...NEVER_TOO_MUCH,
    expected,
    test: (value, facts) => (value === undefined ? UNKNOWN : test(value, facts)),
  }
}

function equality(wanted: readonly Json[], negated: boolean): CompiledArgTest {
  const types = [...new Set(wanted.map(jsonType))].join(' or ')
  const isOneOf = oneOfTest(wanted)
  const size = structuredSize(wanted)
  return {
    ...present(`of type ${types}`, negated ? (value) => not(isOneOf(value)) : isOneOf),
    isTooMuch: (values) => values.length * size > MAX_EQUAL_WORK,
  }
}

function order({ op, value }: Extract<ArgTest, { op: 'gt' | 'gte' | 'lt' | 'lte' }>): CompiledArgTest {
  const compare = comparison(op, value)
  return present('a number', (found) => (typeof found === 'number' ? compare(found) : UNKNOWN))
}

function textOperator(test: Parameters<typeof textTest>[0], reach: Reach): CompiledArgTest {
  const judge = textTest(test, reach)
  return {
    ...present('a text', (value, facts) => (typeof value === 'string' ? judge(value, facts) : UNKNOWN)),
    isTooMuch: textsWork(test),
  }
}

function isNoLonger(value: Json, limit: number): boolean | undefined {
  if (Array.isArray(value)) return value.length <= limit
  return typeof value === 'string' ? isShortText(value, limit) : undefined
}

// Counted in code points, of which a UTF-16 unit is at least half of one. Texts of an event are well-formed.
function isShortText(text: string, limit: number): boolean {
  if (text.length <= limit) return true
  if (text.length > limit * 2) return false
  let pairs = 0
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) === 0xd800) pairs += 1
  return text.length - pairs <= limit
}
