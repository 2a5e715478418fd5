import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Condition, PolicyModel, Rule } from '../../src/policy/model.ts'
import type { Ruling } from '../../src/policy/ruling.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'
import { naiveEvaluate, type NaiveRuling } from './naive-evaluator.ts'
import { events, inits, modelOf, models, readings, ruleLists, rules } from './random-policy.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const evaluate = (model: PolicyModel, event: ActionEvent, state?: StateReadings): Ruling =>
  compilePolicy(model, '{}').evaluate(event, state)
const maybeReadings = fc.option(readings, { nil: undefined })
const asked = fc.tuple(events, maybeReadings)

// Higher is stricter.
const STRICTNESS = { allow: 0, require_approval: 1, deny: 2 } as const

function comparable(ruling: Ruling): NaiveRuling {
  const asking = ruling.decision === 'require_approval' ? ruling.asking : []
  return {
    decision: ruling.decision,
    code: ruling.code,
    rules: ruling.rules.toSorted(),
    observed: ruling.observed.toSorted(),
    asking: asking.map(({ rule, unknown }) => `${rule} ${unknown ? 'in doubt' : 'for certain'}`).toSorted(),
  }
}

describe('a policy, evaluated', () => {
  test('agrees-with-a-naive-evaluator-written-from-the-specification', () => {
    fc.assert(
      fc.property(models(), fc.array(events, { minLength: 1, maxLength: 4 }), maybeReadings, (model, list, state) => {
        const policy = compilePolicy(model, '{}')
        for (const event of list) {
          expect(comparable(policy.evaluate(event, state))).toEqual(naiveEvaluate(model, event, state))
        }
      }),
      { numRuns: 2500 },
    )
  })

  test('gives-one-answer-however-often-it-is-asked', () => {
    fc.assert(
      fc.property(models(), events, maybeReadings, (model, event, state) => {
        const policy = compilePolicy(model, '{}')
        const first = policy.evaluate(event, state)
        expect(policy.evaluate(event, state)).toEqual(first)
        expect(policy.explain(event, state).ruling).toEqual(first)
      }),
      { numRuns: 300 },
    )
  })

  test('never-loosens-when-a-deny-is-added', () => {
    const deny = rules({ effects: ['deny'], modes: ['enforce'] }).map((rule) => ({
      ...rule,
      id: 'added',
      unknown: 'deny' as const,
    }))
    fc.assert(
      fc.property(ruleLists(), deny, asked, (list, added, [event, state]) => {
        const before = evaluate(modelOf(list), event, state).decision
        const after = evaluate(modelOf([...list, added]), event, state).decision
        expect(STRICTNESS[after]).toBeGreaterThanOrEqual(STRICTNESS[before])
      }),
      { numRuns: 1000 },
    )
  })

  // A rule that asks may turn the default denial into a question, but nothing into an allow.
  test('never-allows-what-was-not-allowed-when-a-deny-or-a-question-is-added', () => {
    const strict = rules({ effects: ['deny', 'require_approval'], modes: ['enforce'] })
    fc.assert(
      fc.property(ruleLists(), strict, asked, (list, rule, [event, state]) => {
        const before = evaluate(modelOf(list), event, state)
        const after = evaluate(modelOf([...list, { ...rule, id: 'added' }]), event, state)
        if (before.decision !== 'allow') expect(after.decision).not.toBe('allow')
        if (before.code === 'policy_deny') expect(after.code).toBe('policy_deny')
      }),
      { numRuns: 1000 },
    )
  })

  test('does-not-depend-on-the-order-of-rules-or-conditions', () => {
    const shuffled = ruleLists().chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length }).map((rulesInOrder) =>
          rulesInOrder.map((rule) => ({
            ...rule,
            conditions: rule.conditions.toReversed(),
            patterns: rule.patterns.toReversed(),
          })),
        ),
      ),
    )
    fc.assert(
      fc.property(shuffled, events, maybeReadings, ([list, other], event, state) => {
        const ruling = evaluate(modelOf(other), event, state)
        const expected = evaluate(modelOf(list), event, state)
        expect(comparable(ruling)).toEqual(comparable(expected))
        expect(ruling.rule).toBe(expected.rule)
        expect(ruling.rules).toEqual(expected.rules)
      }),
      { numRuns: 1000 },
    )
  })

  test('never-allows-because-an-argument-that-a-condition-names-is-gone', () => {
    fc.assert(
      fc.property(models({ withPresent: false }), inits, maybeReadings, (model, init, state) => {
        const before = evaluate(model, ActionEvent.create(init), state).decision
        if (before === 'allow') return
        for (const name of namedIn(model)) {
          const args = Object.fromEntries(Object.entries(init.args as object).filter(([key]) => key !== name))
          expect(evaluate(model, ActionEvent.create({ ...init, args }), state).decision).not.toBe('allow')
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('tells-the-truth-of-each-rule-and-condition-in-its-explanation', () => {
    fc.assert(
      fc.property(models(), events, maybeReadings, (model, event, state) => {
        const { rules: found, capability } = compilePolicy(model, '{}').explain(event, state)
        expect(capability).toBe(event.capability)
        expect(found.map(({ rule }) => rule)).toEqual(model.rules.map(({ id }) => id))
        for (const [index, finding] of found.entries()) {
          const own = finding.conditions.filter(({ condition }) => !condition.startsWith('unless.'))
          const truths = own.map(({ truth }) => truth)
          const expected = truths.includes('false') ? 'false' : truths.includes('unknown') ? 'unknown' : 'true'
          expect(finding.truth).toBe(finding.covered ? expected : 'false')
          const rule = model.rules[index]
          const count = (rule?.conditions.length ?? -1) + (rule?.limit === undefined ? 0 : 1)
          expect(own).toHaveLength(finding.covered ? count : 0)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('never-repeats-what-an-argument-holds', () => {
    const secret = 'hunter2-is-the-password'
    fc.assert(
      fc.property(models(), inits, maybeReadings, (model, init, state) => {
        const args = { ...(init.args as object), amount: secret, note: [secret], total: { id: secret } }
        const explanation = compilePolicy(model, '{}').explain(ActionEvent.create({ ...init, args }), state)
        expect(JSON.stringify(explanation)).not.toContain(secret)
      }),
      { numRuns: 500 },
    )
  })
})

// What `contains` and `args_only` say is about all arguments, and `args_only` names those that may be there.
function namedIn(model: PolicyModel): ReadonlySet<string> {
  const isAboutAll = (condition: Condition): boolean =>
    condition.kind === 'contains' ||
    condition.kind === 'args_only' ||
    (condition.kind === 'unless' && condition.conditions.some(isAboutAll))
  if (model.rules.some((rule) => rule.conditions.some(isAboutAll))) return new Set()
  return new Set(model.rules.flatMap(namedByRule))
}

function namedByRule(rule: Rule): readonly string[] {
  const namedBy = (condition: Condition): readonly string[] => {
    switch (condition.kind) {
      case 'amount':
        return ['amount', 'total', 'items']
      case 'args':
        return condition.path.steps.slice(0, 1).flatMap((step) => (step.kind === 'key' ? [step.key] : []))
      case 'unless':
        return condition.conditions.flatMap(namedBy)
      default:
        return []
    }
  }
  return rule.conditions.flatMap(namedBy)
}
