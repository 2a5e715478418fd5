import type { ActionEvent } from '../action/action-event.ts'
import { compilePolicy } from './compile.ts'
import type { PolicyModel } from './model.ts'
import type { Policy } from './policy.ts'
import type { Ruling } from './ruling.ts'

/**
 * Compiles a model in which rules may have been added to a sealed base. What such rules ask for is asked only where
 * the base allows or asks: an approval of what the base denies by default would loosen it.
 */
export function compileSealed(model: PolicyModel, canonical: string): Policy {
  const whole = compilePolicy(model, canonical)
  const own = model.rules.filter((rule) => rule.onlyTightens !== true)
  if (own.length === model.rules.length) return whole
  const base = compilePolicy({ ...model, rules: own }, canonical)
  const strictest = (ruling: Ruling, event: ActionEvent): Ruling => {
    if (ruling.decision !== 'require_approval') return ruling
    const sealed = base.evaluate(event)
    return sealed.decision === 'deny' ? Object.freeze({ ...sealed, observed: ruling.observed }) : ruling
  }
  return Object.freeze({
    ...whole,
    digest: whole.digest,
    canonical: whole.canonical,
    mode: whole.mode,
    maxPendingPerActor: whole.maxPendingPerActor,
    approvers: whole.approvers,
    bindingOf: (tool: string) => whole.bindingOf(tool),
    evaluate: (event: ActionEvent) => strictest(whole.evaluate(event), event),
    explain: (event: ActionEvent) => {
      const explanation = whole.explain(event)
      return { ...explanation, ruling: strictest(explanation.ruling, event) }
    },
  })
}
