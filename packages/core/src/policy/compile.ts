import type { ActionEvent } from '../action/action-event.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { type AfterKind, distinctKinds } from './after-kind.ts'
import { type ReadingPlace, readingPlace } from './bound-facts.ts'
import { candidatePlan } from './candidate-plan.ts'
import { type CompiledRule, compileRules } from './compiled-rule.ts'
import { couldAllow } from './could-allow.ts'
import { planJudge } from './evaluate.ts'
import { eventFacts } from './event-facts.ts'
import { explainFacts, explainRules } from './explain.ts'
import { factPlan } from './fact-plan.ts'
import { factWords } from './facts-summary.ts'
import { grantConditions } from './grant-conditions.ts'
import { DEFAULT_MAX_GRANT_MS, type PolicyModel } from './model.ts'
import { planMemo } from './plan-memo.ts'
import type { Policy } from './policy.ts'
import { type Indexed, type RuleIndex, ruleIndex } from './rule-index.ts'
import type { Ruling } from './ruling.ts'
import { type StatePlan, statePlan } from './state-plan.ts'
import type { AllowedAction, StateReadings } from './state-terms.ts'
import { toolBindings } from './tool-bindings.ts'
import { touchesOf } from './touches.ts'

/** What is known of the events of one capability. */
interface Judge {
  readonly size: number
  readonly judge: (event: ActionEvent, readings?: StateReadings) => Ruling
  readonly state: StatePlan | undefined
}

/**
 * Compiles a checked policy. `canonical` is its RFC 8785 text, of which the digest is made. Without readers in `place`,
 * what arguments mean is unknown.
 */
export function compilePolicy(
  model: PolicyModel,
  canonical: string,
  place: ReadingPlace = readingPlace(toolBindings(model.tools)),
): Policy {
  const { bindings, readers } = place
  const enforced = model.mode === 'enforce'
  const rules = compileRules(model.rules, { ...place, enforced })
  const index = ruleIndex(rules.flatMap(indexed))
  const kinds = distinctKinds(rules.flatMap(({ afters }) => afters))
  const kindIndex = ruleIndex(kinds.map((kind) => ({ pattern: kind.pattern, reach: kind.reach, item: kind })))
  const judgeOf = (capability: string): Judge => {
    const candidates = index.find(capability)
    const plan = candidatePlan(capability, candidates, { enforced })
    const triggers = kinds.length === 0 ? NO_KINDS : kindIndex.find(capability)
    return {
      size: plan.size + triggers.size,
      judge: planJudge(plan),
      state: statePlan({ rules: candidates, triggers }),
    }
  }
  const registered = [...model.tools.values()].map((binding) => binding.capability)
  const memo = planMemo(registered, judgeOf)
  const evaluate = (event: ActionEvent, readings?: StateReadings): Ruling =>
    memo.planOf(event.capability).judge(event, readings)
  return Object.freeze({
    digest: sha256Hex(canonical),
    canonical,
    mode: model.mode,
    maxPendingPerActor: model.maxPendingPerActor,
    maxGrantMs: model.maxGrantMs ?? DEFAULT_MAX_GRANT_MS,
    approvers: model.approvers,
    bindingOf: (tool) => bindings.bindingOf(tool),
    stateOf: (event) => memo.planOf(event.capability).state?.termsOf(event),
    chargesOf: (event, readings) => memo.planOf(event.capability).state?.chargesOf(event, readings) ?? NOTHING,
    markKinds: Object.freeze(kinds.map(({ id, withinMs }) => Object.freeze({ id, withinMs }))),
    marksOf: (action) => (kinds.length === 0 ? NOTHING : marksOf(action, kindIndex)),
    couldAllow: (event) =>
      couldAllow(candidatePlan(event.capability, index.find(event.capability), { enforced }), eventFacts(event)),
    argsHold: grantConditions({ tools: model.tools, bindings }),
    evaluate,
    planOf: (event) => factPlan(eventFacts(event), place),
    explain: (event, readings) => {
      const facts = eventFacts(event, readings)
      return {
        capability: event.capability,
        ruling: evaluate(event, readings),
        rules: explainRules(inOrder(rules, model), index.find(event.capability), facts),
        facts: explainFacts(facts, place),
      }
    },
    readers,
    files: model.files ?? [],
    touchesOf: (event, at) => touchesOf(eventFacts(event), place, at),
    factsOf: (event) => factWords(eventFacts(event), place),
  } satisfies Policy)
}

const NO_KINDS: ReadonlySet<AfterKind> = new Set()
const NOTHING: readonly never[] = Object.freeze([])

function marksOf(action: AllowedAction, kinds: RuleIndex<AfterKind>): ReturnType<Policy['marksOf']> {
  return distinctKinds(kinds.find(action.capability)).flatMap((kind) => {
    const mark = kind.markOf(action)
    return mark === undefined ? [] : [{ kind: kind.id, mark }]
  })
}

function indexed(item: CompiledRule): readonly Indexed<CompiledRule>[] {
  const reach = item.rule.effect === 'allow' ? 'narrow' : 'wide'
  return item.rule.patterns.map((pattern) => ({ pattern, reach, item }))
}

// People read a policy in the order that it is written in.
function inOrder(rules: readonly CompiledRule[], { rules: written }: PolicyModel): readonly CompiledRule[] {
  const places = new Map(written.map((rule, place) => [rule, place]))
  return rules.toSorted((left, right) => (places.get(left.rule) ?? 0) - (places.get(right.rule) ?? 0))
}
