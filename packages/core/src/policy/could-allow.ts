import type { CandidatePlan } from './candidate-plan.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { CompiledCondition } from './conditions/condition.ts'
import type { EventFacts } from './event-facts.ts'
import { FALSE, TRUE, UNKNOWN } from './truth.ts'

/** Conditions on what the host says of a call: whatever its arguments are, they are what they are. */
const CONTEXT = new Set(['actor', 'session', 'environment', 'tenant', 'user_role', 'tool', 'risk', 'risk_at_least'])
const CALLER_DEPTH = 'caller_depth_'

/**
 * Whether some arguments could make an action of this context run, now or once a person agrees. Errs towards yes: for
 * what is only shown or hidden, never for what is judged.
 */
export function couldAllow(plan: CandidatePlan, facts: EventFacts): boolean {
  // In `mode: observe` whatever the rules say runs.
  if (!plan.fallback.enforced) return true
  const { denies, askingDenies, asks, allows } = plan
  const isDenied =
    denies.some((rule) => holdsAnyway(rule, facts, UNKNOWN)) ||
    askingDenies.some((rule) => holdsAnyway(rule, facts, TRUE))
  return !isDenied && [...allows, ...asks, ...askingDenies].some((rule) => !failsAnyway(rule, facts))
}

// A `deny` fires where it is unknown as well.
function holdsAnyway({ conditions }: CompiledRule, facts: EventFacts, least: typeof TRUE | typeof UNKNOWN): boolean {
  return conditions.every((condition) => isOfContext(condition) && condition.test(facts) >= least)
}

function failsAnyway({ conditions }: CompiledRule, facts: EventFacts): boolean {
  return conditions.some((condition) => isOfContext(condition) && condition.test(facts) === FALSE)
}

function isOfContext({ name }: CompiledCondition): boolean {
  return CONTEXT.has(name) || name.startsWith(CALLER_DEPTH)
}
