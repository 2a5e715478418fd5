import type { CompiledRule } from './compiled-rule.ts'
import type { CompiledCondition } from './conditions/condition.ts'
import type { EventFacts } from './event-facts.ts'
import type { ConditionFinding, RuleFinding } from './ruling.ts'
import { truthName } from './truth.ts'

/** What each rule of a policy found in an event, in the order of `rules`. */
export function explainRules(
  rules: readonly CompiledRule[],
  covering: ReadonlySet<CompiledRule>,
  facts: EventFacts,
): readonly RuleFinding[] {
  return rules.map((each) => findingOf(each, covering.has(each), facts))
}

function findingOf({ rule, conditions, test }: CompiledRule, covered: boolean, facts: EventFacts): RuleFinding {
  const base = { rule: rule.id, effect: rule.effect, mode: rule.mode, covered }
  if (!covered) return { ...base, truth: 'false', conditions: [] }
  return { ...base, truth: truthName(test(facts)), conditions: conditions.flatMap((each) => findings(each, '', facts)) }
}

// An `unless` is told with its own value, and then each condition of its block with the value that it has in there.
function findings(condition: CompiledCondition, prefix: string, facts: EventFacts): readonly ConditionFinding[] {
  const truth = condition.test(facts)
  const name = `${prefix}${condition.name}`
  const { text, remedy } = condition.why(facts, truth)
  const own = { condition: name, truth: truthName(truth), why: remedy === undefined ? text : `${text}; ${remedy}` }
  return [own, ...condition.inner.flatMap((each) => findings(each, `${name}.`, facts))]
}
