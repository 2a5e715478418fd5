import type { ActionEvent } from '../action/action-event.ts'
import type { ReadingPlace } from './bound-facts.ts'
import { compilePolicy } from './compile.ts'
import type { PolicyModel } from './model.ts'
import type { Policy } from './policy.ts'
import type { Ruling } from './ruling.ts'
import type { StateReadings } from './state-terms.ts'

/**
 * Compiles a model in which rules may have been added to a sealed base. What such rules ask for is asked only where
 * the base allows or asks: an approval of what the base denies by default would loosen it. State is that of all rules,
 * which includes the base's.
 */
export function compileSealed(model: PolicyModel, canonical: string, place?: ReadingPlace): Policy {
  const whole = compilePolicy(model, canonical, place)
  const own = model.rules.filter((rule) => rule.onlyTightens !== true)
  if (own.length === model.rules.length) return whole
  const base = compilePolicy({ ...model, rules: own }, canonical, place)
  const strictest = (ruling: Ruling, event: ActionEvent, readings?: StateReadings): Ruling => {
    if (ruling.decision !== 'require_approval') return ruling
    const sealed = base.evaluate(event, readings)
    return sealed.decision === 'deny' ? Object.freeze({ ...sealed, observed: ruling.observed }) : ruling
  }
  return Object.freeze({
    ...whole,
    evaluate: (event, readings) => strictest(whole.evaluate(event, readings), event, readings),
    explain: (event, readings) => {
      const explanation = whole.explain(event, readings)
      return { ...explanation, ruling: strictest(explanation.ruling, event, readings) }
    },
  } satisfies Policy)
}
