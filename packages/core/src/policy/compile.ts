import type { ActionEvent } from '../action/action-event.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { candidatePlan } from './candidate-plan.ts'
import { type CompiledRule, compileRules } from './compiled-rule.ts'
import { planJudge } from './evaluate.ts'
import { explainRules } from './explain.ts'
import type { PolicyModel } from './model.ts'
import { planMemo } from './plan-memo.ts'
import type { Policy } from './policy.ts'
import { type Indexed, ruleIndex } from './rule-index.ts'
import type { Ruling } from './ruling.ts'
import { type ToolBindings, toolBindings } from './tool-bindings.ts'

/** A judge of the events of one capability. */
interface Judge {
  readonly size: number
  readonly judge: (event: ActionEvent) => Ruling
}

/**
 * Compiles a checked policy. `canonical` is its RFC 8785 text, of which the digest is made; `bindings` are those of
 * its tools, where they are ready.
 */
export function compilePolicy(
  model: PolicyModel,
  canonical: string,
  bindings: ToolBindings = toolBindings(model.tools),
): Policy {
  const enforced = model.mode === 'enforce'
  const rules = compileRules(model.rules, { bindings, enforced })
  const index = ruleIndex(rules.flatMap(indexed))
  const judgeOf = (capability: string): Judge => {
    const plan = candidatePlan(capability, index.find(capability), { enforced })
    return { size: plan.size, judge: planJudge(plan) }
  }
  const registered = [...model.tools.values()].map((binding) => binding.capability)
  const memo = planMemo(registered, judgeOf)
  const evaluate = (event: ActionEvent): Ruling => memo.planOf(event.capability).judge(event)
  return Object.freeze({
    digest: sha256Hex(canonical),
    canonical,
    mode: model.mode,
    maxPendingPerActor: model.maxPendingPerActor,
    approvers: model.approvers,
    bindingOf: (tool) => bindings.bindingOf(tool),
    maxGrantMs: 86_400_000,
    stateOf: () => undefined,
    chargesOf: () => [],
    markKinds: [],
    marksOf: () => [],
    argsHold: () => false,
    evaluate,
    explain: (event) => ({
      capability: event.capability,
      ruling: evaluate(event),
      rules: explainRules(inOrder(rules, model), index.find(event.capability), event),
    }),
  } satisfies Policy)
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
