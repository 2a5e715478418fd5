import { afterKinds } from '../after-kind.ts'
import { fieldOf } from '../context-field.ts'
import { durationText } from '../duration-text.ts'
import type { EventFacts } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { FALSE, some, TRUE, type TruthValue, UNKNOWN } from '../truth.ts'
import { type CompiledCondition, type ConditionPlace, listed, type Why } from './condition.ts'
import { missing } from './context.ts'

/**
 * Whether an action that one of some patterns covers was allowed not long ago. A time that has not come yet counts as
 * now where being true stops, and is unknown where it lets through.
 */
export function afterCondition(
  condition: Extract<Condition, { kind: 'after' }>,
  { reach }: ConditionPlace,
): CompiledCondition {
  const { withinMs } = condition
  const kinds = afterKinds(condition, reach)
  const isAfter = (at: number | 'never' | undefined, now: number): TruthValue => {
    if (at === 'never') return FALSE
    const ago = at === undefined ? Number.NaN : now - at
    if (!Number.isFinite(ago) || (ago < 0 && reach === 'narrow')) return UNKNOWN
    return ago <= withinMs ? TRUE : FALSE
  }
  return {
    name: 'after',
    cost: 5,
    inner: [],
    test: ({ event, readings }) => {
      if (readings === undefined) return UNKNOWN
      return some(kinds, (kind) => {
        const mark = kind.markOf(event)
        return mark === undefined ? UNKNOWN : isAfter(readings.lastAllowedAt({ mark, withinMs }), readings.now)
      })
    },
    why: (facts, truth) => afterWhy(condition, facts, truth),
  }
}

function afterWhy(
  { patterns, withinMs, by }: Extract<Condition, { kind: 'after' }>,
  { event }: EventFacts,
  truth: TruthValue,
): Why {
  const what = `an action of ${listed(patterns)} was`
  const when = `allowed within ${durationText(withinMs)}${by === 'all' ? '' : ` by the same \`${by}\``}`
  if (truth !== UNKNOWN) return { text: `${truth === TRUE ? what : `no ${what.slice('an '.length)}`} ${when}` }
  if (by !== 'all' && fieldOf(by)(event) === undefined) return missing(by)
  return { text: `nobody can say whether ${what} ${when}` }
}
