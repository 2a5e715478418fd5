import { type CommandReading, commandsOf, type EventMeaning, meaningOf } from '../bound-facts.ts'
import type { EventFacts } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { type TruthValue, UNKNOWN } from '../truth.ts'
import type { CompiledCondition, ConditionPlace, Why } from './condition.ts'
import { keysText, noArgument, overParts, partsWhy, unreadArgument } from './readings.ts'
import { type DoerTest, type Doing, doersOf, doerTest } from './shell-keys.ts'

/**
 * What the commands of an event may do, or surely do. All keys must hold together on one command: some of them in the
 * wide reach, every one in the narrow.
 */
export function shellCondition(
  condition: Extract<Condition, { kind: 'shell' }>,
  place: ConditionPlace,
): CompiledCondition {
  const { reach } = place
  const holds = doerTest(condition, place)
  return {
    name: 'shell',
    cost: 7,
    inner: [],
    test: (facts) => {
      const readings = commandsOf(facts, place)
      if (readings.length === 0) return UNKNOWN
      const meaning = meaningOf(facts, place)
      const values = readings.flatMap((reading) => truthsOf(reading, holds, meaning))
      const hasUnread = readings.some((reading) => reading.facts.opaque.length > 0)
      return overParts({ values, hasUnread }, reach)
    },
    why: (facts, truth) => shellWhy(facts, truth, { condition, place, holds }),
  }
}

function truthsOf({ facts }: CommandReading, holds: DoerTest, meaning: EventMeaning): readonly TruthValue[] {
  const doing: Doing = { facts, meaning }
  return doersOf(facts).map((doer) => holds(doer, doing))
}

interface Explained {
  readonly condition: Extract<Condition, { kind: 'shell' }>
  readonly place: ConditionPlace
  readonly holds: DoerTest
}

function shellWhy(facts: EventFacts, truth: TruthValue, { condition, place, holds }: Explained): Why {
  const readings = commandsOf(facts, place)
  if (readings.length === 0) return noArgument('command', facts, place)
  if (truth !== UNKNOWN) {
    return partsWhy({ truth, reach: place.reach }, { noun: 'command', what: `does ${keysText(condition)}` })
  }
  const stuck = readings.find((reading) => reading.facts.opaque.length > 0)
  if (stuck !== undefined) return unreadArgument(stuck.name, stuck.facts.opaque[0]?.why ?? '')
  const meaning = meaningOf(facts, place)
  const unsure = readings.find((reading) => truthsOf(reading, holds, meaning).includes(UNKNOWN)) ?? readings[0]
  const why = 'an option, or what the command is done to, is known only when it runs'
  return unreadArgument(unsure?.name ?? '', why)
}
