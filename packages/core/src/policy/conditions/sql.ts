import type { SqlStatement } from '../../facts/sql/sql-facts.ts'
import { sqlOf } from '../bound-facts.ts'
import type { EventFacts } from '../event-facts.ts'
import type { Condition } from '../model.ts'
import { type TruthValue, UNKNOWN } from '../truth.ts'
import type { CompiledCondition, ConditionPlace, Why } from './condition.ts'
import { keysText, noArgument, overParts, partsWhy, unreadArgument } from './readings.ts'
import { statementTest } from './sql-keys.ts'

/**
 * What the SQL of an event may do, or surely does. All keys must hold together on one statement: some of them in the wide
 * reach, every one in the narrow.
 */
export function sqlCondition(condition: Extract<Condition, { kind: 'sql' }>, place: ConditionPlace): CompiledCondition {
  const holds = statementTest(condition, place.reach)
  return {
    name: 'sql',
    cost: 8,
    inner: [],
    test: (facts) => {
      const readings = sqlOf(facts, place)
      if (readings.length === 0) return UNKNOWN
      const values = readings.flatMap((reading) => reading.facts.statements.map(holds))
      const hasUnread = readings.some((reading) => reading.facts.opaque.length > 0)
      return overParts({ values, hasUnread }, place.reach)
    },
    why: (facts, truth) => sqlWhy(facts, truth, { condition, place, holds }),
  }
}

interface Explained {
  readonly condition: Extract<Condition, { kind: 'sql' }>
  readonly place: ConditionPlace
  readonly holds: (statement: SqlStatement) => TruthValue
}

function sqlWhy(facts: EventFacts, truth: TruthValue, { condition, place, holds }: Explained): Why {
  const readings = sqlOf(facts, place)
  if (readings.length === 0) return noArgument('sql', facts, place)
  if (truth !== UNKNOWN) {
    return partsWhy({ truth, reach: place.reach }, { noun: 'statement', what: `does ${keysText(condition)}` })
  }
  const stuck = readings.find((reading) => reading.facts.opaque.length > 0)
  if (stuck !== undefined) return unreadArgument(stuck.name, stuck.facts.opaque[0] ?? '')
  const unsure = readings.find((reading) => reading.facts.statements.some((each) => holds(each) === UNKNOWN))
  return unreadArgument(unsure?.name ?? '', 'it names a table or a function without its schema')
}
