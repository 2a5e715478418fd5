import type { ActionEvent } from '../action/action-event.ts'
import { type CandidatePlan, defaultRuling } from './candidate-plan.ts'
import type { AskedRule, CompiledRule, Fired, Firing } from './compiled-rule.ts'
import { type EventFacts, eventFacts } from './event-facts.ts'
import { defaultMessage, exhaustedMessage, stuckAt, unknownMessage } from './messages.ts'
import type { Asking, Ruling } from './ruling.ts'
import type { StateReadings } from './state-terms.ts'
import { FALSE, TRUE, type TruthValue, UNKNOWN } from './truth.ts'

/** What a plan's rules say of events of its capability. Where no rule has a condition that is one ruling, made once. */
export function planJudge(plan: CandidatePlan): Judging {
  const judge: Judging = (event, readings) => ruleWith(plan, eventFacts(event, readings))
  if (plan.isConditional) return judge
  let settled: Ruling | undefined
  return (event) => (settled ??= judge(event))
}

type Judging = (event: ActionEvent, readings?: StateReadings) => Ruling

function ruleWith(plan: CandidatePlan, facts: EventFacts): Ruling {
  const ruling = ruleOn(plan, facts)
  return plan.observed.length === 0 ? ruling : withObserved(ruling, plan.observed, facts)
}

// Strictest first: a deny anywhere beats an approval anywhere beats an allow anywhere. What is known for certain is told
// before what is unknown.
function ruleOn(plan: CandidatePlan, facts: EventFacts): Ruling {
  const strict = fire(plan.denies, facts)
  const lenient = fire(plan.askingDenies, facts)
  const denied = merge(strict.sure, lenient.sure)
  if (denied !== undefined) return sureRuling(denied)
  if (strict.unsure !== undefined) return doubtfulDenial(strict.unsure, facts)
  const asks = fire(plan.asks, facts)
  const asked = { sure: asks.sure, unsure: merge(asks.unsure, lenient.unsure) }
  const question = askingRuling(asked, facts)
  if (question !== undefined) return question
  const allows = fire(plan.allows, facts)
  if (allows.sure !== undefined) return sureRuling(allows.sure)
  const exhausted = exhaustedAllows(plan, facts)
  if (exhausted !== undefined) return exhaustedRuling(exhausted)
  return allows.unsure === undefined ? plan.fallback : doubtfulDefault(plan, allows.unsure, facts)
}

// The rules that would allow, for certain, had their limits not been used up.
function exhaustedAllows({ limitedAllows }: CandidatePlan, facts: EventFacts): Fired | undefined {
  if (limitedAllows.length === 0) return undefined
  const [first, ...rest] = limitedAllows.filter(
    ({ limit }) => limit !== undefined && limit.others(facts) === TRUE && limit.test(facts) === FALSE,
  )
  return first && [first, ...rest]
}

function exhaustedRuling(rules: Fired): Ruling {
  const [{ rule, ruling }] = rules
  const base = { rule: rule.id, rules: idsOf(rules), observed: NO_IDS, message: exhaustedMessage(rule) }
  return Object.freeze({ ...base, decision: 'deny', code: 'limit_exhausted', enforced: ruling.enforced })
}

const NOTHING: Firing = { sure: undefined, unsure: undefined }

// Mostly one rule fires or none, and then nothing new is made.
function fire(rules: readonly CompiledRule[], facts: EventFacts): Firing {
  let found = NOTHING
  for (const each of rules) {
    const value = each.test(facts)
    if (value === FALSE) continue
    if (found !== NOTHING) return fireSeveral(rules, facts)
    found = value === TRUE ? each.sure : each.unsure
  }
  return found
}

function fireSeveral(rules: readonly CompiledRule[], facts: EventFacts): Firing {
  const truths = rules.map(({ test }) => test(facts))
  return { sure: withTruth(rules, truths, TRUE), unsure: withTruth(rules, truths, UNKNOWN) }
}

function withTruth(
  rules: readonly CompiledRule[],
  truths: readonly TruthValue[],
  wanted: TruthValue,
): Fired | undefined {
  const [first, ...rest] = rules.filter((_rule, index) => truths[index] === wanted)
  return first && [first, ...rest]
}

function merge(left: Fired | undefined, right: Fired | undefined): Fired | undefined {
  if (left === undefined || right === undefined) return left ?? right
  const [first, ...rest] = [...left, ...right].toSorted((one, other) => one.rank - other.rank)
  return first && [first, ...rest]
}

function sureRuling(rules: Fired): Ruling {
  const { ruling } = rules[0]
  return rules.length === 1 ? ruling : Object.freeze({ ...ruling, rules: idsOf(rules) })
}

function doubtfulDenial(rules: Fired, facts: EventFacts): Ruling {
  return Object.freeze({ ...doubt(rules, facts), decision: 'deny', code: 'policy_deny_unknown' })
}

function askingRuling({ sure, unsure }: Firing, facts: EventFacts): Ruling | undefined {
  if (sure === undefined) return unsure && doubtfulQuestion(unsure, facts)
  if (unsure === undefined && sure.length === 1) return sure[0].ruling
  const { message, enforced } = sure[0].ruling
  const rules = Object.freeze([...idsOf(sure), ...idsOf(unsure ?? [])])
  const asking = Object.freeze([...sure.map(askSurely), ...(unsure ?? []).map(askInDoubt)])
  const base = { rule: sure[0].rule.id, rules, observed: NO_IDS, message, enforced }
  return Object.freeze({ ...base, decision: 'require_approval', code: 'policy_ask', asking })
}

function doubtfulQuestion(rules: Fired, facts: EventFacts): Ruling {
  const asking = Object.freeze(rules.map(askInDoubt))
  return Object.freeze({ ...doubt(rules, facts), decision: 'require_approval', code: 'policy_ask_unknown', asking })
}

function askSurely({ rule }: AskedRule): Asking {
  return Object.freeze({ rule: rule.id, unknown: false, terms: rule.approval })
}

function askInDoubt({ rule }: AskedRule): Asking {
  return Object.freeze({ rule: rule.id, unknown: true, terms: rule.approval })
}

const NO_IDS: readonly string[] = Object.freeze([])

function idsOf(rules: readonly AskedRule[]): readonly string[] {
  return Object.freeze(rules.map(({ rule }) => rule.id))
}

interface Doubt {
  readonly rule: string
  readonly rules: readonly string[]
  readonly observed: readonly string[]
  readonly message: string
  readonly enforced: boolean
}

function doubt(rules: Fired, facts: EventFacts): Doubt {
  const [{ rule, conditions, ruling }] = rules
  const message = unknownMessage(rule, stuckAt(rule, conditions, facts))
  return { rule: rule.id, rules: idsOf(rules), observed: NO_IDS, message, enforced: ruling.enforced }
}

function doubtfulDefault(plan: CandidatePlan, unsure: Fired, facts: EventFacts): Ruling {
  const [{ rule, conditions }] = unsure
  const stuck = { rule: rule.id, why: stuckAt(rule, conditions, facts) }
  return defaultRuling(defaultMessage(plan.capability, stuck), plan.fallback.enforced)
}

// A rule in `mode: observe` would have fired where it would have had a say: an `allow` only where it is certain.
function withObserved(ruling: Ruling, rules: readonly CompiledRule[], facts: EventFacts): Ruling {
  const observed = rules.filter(({ rule, test }) => test(facts) >= (rule.effect === 'allow' ? TRUE : UNKNOWN))
  return observed.length === 0 ? ruling : Object.freeze({ ...ruling, observed: idsOf(observed) })
}
