import { argReader, type ArgPath, namesSeveral } from '../../facts/arg-path.ts'
import { argNamesOf, argValuesOf, type EventFacts } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { argName } from '../tool-bindings.ts'
import { every, FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'
import { type CompiledArgTest, compileArgTest } from './arg-test.ts'
import { type CompiledCondition, type ConditionPlace, listed, type Why } from './condition.ts'

/** A matcher on a path into `args`: all its operators hold for some, or every, value that the path names. */
export function argsCondition(
  condition: Extract<Condition, { kind: 'args' }>,
  { reach }: ConditionPlace,
): CompiledCondition {
  const { path } = condition
  const tests = condition.tests.map((test) => compileArgTest(test, reach))
  const judge = allTests(tests)
  const shared = { name: argName(path), inner: [], cost: 3 }
  const matcher = { path, tests, name: shared.name }
  if (!namesSeveral(path)) {
    const read = argReader(path)
    const test = (facts: EventFacts): TruthValue => judge(read(facts.event.args), facts)
    return { ...shared, test, why: (facts, truth) => argsWhy(matcher, facts, truth) }
  }
  const quantify = reach === 'wide' ? some : every
  const test = (facts: EventFacts): TruthValue => {
    const values = argValuesOf(facts, path)
    if (tests.some(({ isTooMuch }) => isTooMuch(values))) return UNKNOWN
    if (values.length > 0) return quantify(values, (value) => judge(value, facts))
    // No elements: nothing is there that could be meant by *some*; and *every* of nothing proves nothing.
    const value = judge(undefined, facts)
    return reach === 'wide' && value === UNKNOWN ? FALSE : value
  }
  return { ...shared, test, why: (facts, truth) => argsWhy(matcher, facts, truth) }
}

// Mostly there is one operator, and a list may have many elements.
function allTests(tests: readonly CompiledArgTest[]): CompiledArgTest['test'] {
  const [only, ...more] = tests
  if (only !== undefined && more.length === 0) return only.test
  return (value, facts) => every(tests, (each) => each.test(value, facts))
}

/** No other argument than the named ones. */
export function argsOnlyCondition({ names }: Extract<Condition, { kind: 'args_only' }>): CompiledCondition {
  const known: ReadonlySet<string> = new Set(names)
  return {
    name: 'args_only',
    cost: 2,
    inner: [],
    test: (facts) => truthOf(argNamesOf(facts).every((name) => known.has(name))),
    why: (_facts, truth) => ({
      text: `there is ${truth === TRUE ? 'no' : 'an'} argument other than ${listed(names) || 'none'}`,
    }),
  }
}

interface Matcher {
  readonly path: ArgPath
  readonly name: string
  readonly tests: readonly CompiledArgTest[]
}

function argsWhy(matcher: Matcher, facts: EventFacts, truth: TruthValue): Why {
  const { name, path } = matcher
  if (truth !== UNKNOWN) return { text: `\`${name}\` ${truth === TRUE ? 'matches' : 'does not match'}` }
  const values = argValuesOf(facts, path)
  if (values.length === 0) return { text: `\`${name}\` names no element`, missingArg: path.text }
  if (values.includes(undefined)) return { text: `\`${name}\` is missing`, missingArg: path.text }
  if (namesSeveral(path) && matcher.tests.some(({ isTooMuch }) => isTooMuch(values))) return tooLong(name)
  const stuck = matcher.tests.find(({ test }) => values.some((value) => test(value, facts) === UNKNOWN))
  if (stuck === undefined || (stuck.expected === 'a text' && values.every((value) => typeof value === 'string'))) {
    return tooLong(name)
  }
  return { text: `\`${name}\` is not ${stuck.expected}`, remedy: `\`${name}\` has to be ${stuck.expected}` }
}

function tooLong(name: string): Why {
  return { text: `\`${name}\` is too long to judge`, remedy: `\`${name}\` has to be shorter` }
}
