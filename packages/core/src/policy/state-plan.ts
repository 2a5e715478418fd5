import type { ActionEvent } from '../action/action-event.ts'
import { type AfterKind, distinctKinds } from './after-kind.ts'
import type { CompiledRule } from './compiled-rule.ts'
import { type EventFacts, eventFacts } from './event-facts.ts'
import type { LimitTerm, StateReadings, StateTerms } from './state-terms.ts'
import { FALSE } from './truth.ts'

/** The state that events of one capability rest on and change. */
export interface StatePlan {
  termsOf(event: ActionEvent): StateTerms | undefined
  chargesOf(event: ActionEvent, readings: StateReadings): readonly LimitTerm[]
}

/** The rules that cover a capability, and the kinds of marks that an action of it sets. */
interface StateSource {
  readonly rules: Iterable<CompiledRule>
  readonly triggers: Iterable<AfterKind>
}

/** Undefined where events of the capability neither rest on state nor change any. */
export function statePlan(source: StateSource): StatePlan | undefined {
  const rules = [...source.rules].filter((each) => each.limit !== undefined || each.afters.length > 0)
  const triggers = distinctKinds(source.triggers)
  if (rules.length + triggers.length === 0) return undefined
  const limited = rules.filter(({ limit }) => limit !== undefined).toSorted((left, right) => left.rank - right.rank)
  const afters = distinctKinds(rules.flatMap((each) => each.afters))
  return {
    termsOf: (event) => {
      const facts = eventFacts(event)
      const terms = {
        limits: termsOf(limited, facts),
        afters: afters.flatMap((kind) => marked(kind, event, (mark) => ({ mark, withinMs: kind.withinMs }))),
        triggers: triggers.flatMap((kind) => marked(kind, event, (mark) => mark)),
      }
      return terms.limits.length + terms.afters.length + terms.triggers.length === 0 ? undefined : terms
    },
    chargesOf: (event, readings) => {
      const facts = eventFacts(event, readings)
      // What is unknown may well be true, and a charge too many is the strict side.
      const charged = limited.filter(({ limit }) => limit !== undefined && limit.others(facts) !== FALSE)
      return termsOf(charged, facts).filter(({ charge }) => charge !== undefined)
    },
  }
}

function termsOf(rules: readonly CompiledRule[], facts: EventFacts): readonly LimitTerm[] {
  return rules.flatMap(({ limit }) => limit?.termOf(facts) ?? [])
}

function marked<Item>(kind: AfterKind, event: ActionEvent, make: (mark: string) => Item): readonly Item[] {
  const mark = kind.markOf(event)
  return mark === undefined ? [] : [make(mark)]
}
