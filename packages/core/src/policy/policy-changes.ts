import type { ActionEvent } from '../action/action-event.ts'
import { capabilityParts } from '../action/capability.ts'
import { capabilityPattern } from '../action/pattern.ts'
import { readingPlace } from './bound-facts.ts'
import type { Effect, PolicyModel, Rule } from './model.ts'
import type { Policy } from './policy.ts'
import type { Explanation, Ruling } from './ruling.ts'
import { compileSealed } from './sealed-policy.ts'
import { toolBindings } from './tool-bindings.ts'

/** A change of a policy after which it rules otherwise on an event. */
export interface PolicyChange {
  /** For people: `drop the condition \`shell\` of \`no-delete\``. */
  readonly change: string
  readonly becomes: Ruling['decision']
}

/** A policy, and what it was compiled from. */
export interface ChangeablePolicy {
  readonly model: PolicyModel
  readonly policy: Policy
}

/** The most policies that are tried. */
const MAX_TRIED = 200

interface Try {
  readonly change: string
  readonly rules: readonly Rule[]
}

/**
 * The changes of a policy that would change its ruling on an event, the smallest first: to drop one condition, to drop
 * one rule, to add one rule; where none of these undoes a denial, to drop every rule that denies. Each was tried. Nothing is known of limits and sequences here. What a change lets through beside this event is for its author
 * to judge.
 */
export function policyChanges({ model, policy }: ChangeablePolicy, event: ActionEvent): readonly PolicyChange[] {
  const explanation = policy.explain(event)
  const now = explanation.ruling.decision
  const place = readingPlace(toolBindings(model.tools), policy.readers)
  const tried = (all: readonly Try[]): readonly PolicyChange[] =>
    all.slice(0, MAX_TRIED).flatMap(({ change, rules }) => {
      const becomes = compileSealed({ ...model, rules }, policy.canonical, place).evaluate(event).decision
      return becomes === now ? [] : [{ change, becomes }]
    })
  const smaller = [...tried(withoutConditions(model, explanation)), ...tried(withoutRules(model, explanation))]
  const added = tried(withRules(model, event))
  // What is denied by several rules, or by one and by default, takes more than one change.
  const isStuck = now === 'deny' && [...smaller, ...added].every(({ becomes }) => becomes === 'deny')
  return [...smaller, ...added, ...(isStuck ? tried(withoutAll(model, explanation, event)) : [])]
}

function covering(model: PolicyModel, { rules }: Explanation): readonly Rule[] {
  const covered = new Set(rules.filter((each) => each.covered && each.mode === 'enforce').map(({ rule }) => rule))
  return model.rules.filter(({ id }) => covered.has(id))
}

function firing(model: PolicyModel, explanation: Explanation): readonly Rule[] {
  const fired = new Set(explanation.rules.filter(({ truth }) => truth !== 'false').map(({ rule }) => rule))
  return covering(model, explanation).filter(({ id }) => fired.has(id))
}

function withoutConditions(model: PolicyModel, explanation: Explanation): readonly Try[] {
  return covering(model, explanation).flatMap((rule) =>
    rule.conditions.map(({ kind }, dropped) => ({
      change: `drop the condition \`${kind}\` of \`${rule.id}\``,
      rules: model.rules.map((each) =>
        each === rule ? { ...rule, conditions: rule.conditions.filter((_, at) => at !== dropped) } : each,
      ),
    })),
  )
}

function withoutRules(model: PolicyModel, explanation: Explanation): readonly Try[] {
  return firing(model, explanation).map((rule) => ({
    change: `drop the rule \`${rule.id}\``,
    rules: model.rules.filter((each) => each !== rule),
  }))
}

// All that denies it goes; then, beside that, something allows it.
function withoutAll(model: PolicyModel, explanation: Explanation, event: ActionEvent): readonly Try[] {
  const denies = firing(model, explanation).filter(({ effect }) => effect === 'deny')
  if (denies.length === 0) return []
  const names = denies.map(({ id }) => `\`${id}\``).join(', ')
  const change = `drop the ${denies.length === 1 ? 'rule' : 'rules'} ${names}`
  const rules = model.rules.filter((each) => !denies.includes(each))
  const text = capabilityText(event)
  const allowed = { change: `${change} and add \`${text}\` to \`allow\``, rules: [...rules, plainRule('allow', text)] }
  return [{ change, rules }, allowed]
}

function withRules(model: PolicyModel, event: ActionEvent): readonly Try[] {
  const text = capabilityText(event)
  const effects: readonly Effect[] = ['allow', 'require_approval', 'deny']
  return effects.map((effect) => ({
    change: `add \`${text}\` to \`${effect}\``,
    rules: [...model.rules, plainRule(effect, text)],
  }))
}

function capabilityText(event: ActionEvent): string {
  const { resource, action, scope } = capabilityParts(event.capability)
  return [resource, action, ...scope].join('.')
}

function plainRule(effect: Effect, capability: string): Rule {
  return {
    id: `${effect}[new]`,
    effect,
    patterns: [capabilityPattern(capability, effect === 'allow' ? 'narrow' : 'wide')],
    conditions: [],
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: { expiresInMs: 600_000, quorum: 1, approvers: [] },
    source: { file: '', line: 0, column: 0 },
  }
}
