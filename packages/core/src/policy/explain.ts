import { commandsOf, pathsOf, type ReadingPlace, sqlOf, urlsOf } from './bound-facts.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { CompiledCondition } from './conditions/condition.ts'
import type { EventFacts } from './event-facts.ts'
import type { ConditionFinding, ExplainedFacts, RuleFinding } from './ruling.ts'
import { truthName } from './truth.ts'

/** What each rule of a policy found in an event, in the order of `rules`. */
export function explainRules(
  rules: readonly CompiledRule[],
  covering: ReadonlySet<CompiledRule>,
  facts: EventFacts,
): readonly RuleFinding[] {
  return rules.map((each) => findingOf(each, covering.has(each), facts))
}

/** What the arguments of an event were found to mean. */
export function explainFacts(facts: EventFacts, place: ReadingPlace): ExplainedFacts {
  return {
    commands: commandsOf(facts, place).map(({ name, facts: command }) => ({ name, facts: command })),
    sql: sqlOf(facts, place).map(({ name, facts: sql }) => ({ name, facts: sql })),
    paths: pathsOf(facts, place).map(({ name, facts: path }) => ({ name, facts: path })),
    urls: urlsOf(facts, place),
  }
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
