import type { Amount } from '../../facts/amount.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { amountsOf, type EventFacts } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { every, some, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import { comparison } from './comparison.ts'
import type { CompiledCondition, ConditionPlace, Why } from './condition.ts'

const EXPECTED = 'a non-negative JSON number or a plain decimal text such as `1000.50`'

/** Compares the event's amounts with a bound. No amount at all, or one that is none, is unknown. */
export function amountCondition(
  { op, value }: Extract<Condition, { kind: 'amount' }>,
  { reach, bindings }: ConditionPlace,
): CompiledCondition {
  const compare = comparison(op, value)
  const quantify = reach === 'wide' ? some : every
  const judge = (amount: Amount | undefined): TruthValue => (amount === undefined ? UNKNOWN : compare(amount))
  return {
    name: `amount_${op}`,
    cost: 2,
    inner: [],
    test: (facts) => {
      const amounts = amountsOf(facts, bindings)
      if (amounts.length === 1) return judge(amounts[0])
      return amounts.length === 0 ? UNKNOWN : quantify(amounts, judge)
    },
    why: (facts, truth) =>
      truth === UNKNOWN
        ? unknownAmounts(bindings.amountOf(facts.event.tool), facts)
        : { text: `the amount is ${truth === TRUE ? '' : 'not '}${op} ${value}` },
  }
}

/** Where amounts stand: what a policy calls the place, its path into `args`, and what is there. */
export interface AmountPlace {
  readonly name: string
  readonly path: string
  values(args: JsonObject): readonly (Json | undefined)[]
}

/** Why amounts are unknown: one is missing, or none. */
export function unknownAmounts(source: AmountPlace, { event }: EventFacts): Why {
  const { name, path } = source
  const amounts = source.values(event.args)
  if (amounts.length === 0 || amounts.includes(undefined)) return { text: `\`${name}\` is missing`, missingArg: path }
  return { text: `\`${name}\` is not an amount`, remedy: `\`${name}\` has to be ${EXPECTED}` }
}
