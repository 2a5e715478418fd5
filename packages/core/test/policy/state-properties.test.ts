import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'
import { naiveCharges, units } from './naive-evaluator.ts'
import { events, limits, modelOf, models, readings, ruleLists } from './random-policy.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

test('charges-are-those-of-a-naive-reading-of-the-specification', () => {
  fc.assert(
    fc.property(models(), events, readings, (model, event, state) => {
      const found = compilePolicy(model, '{}')
        .chargesOf(event, state)
        .map(({ rule, counter, charge }) => `${rule} ${counter} ${String(units(charge ?? 'x'))}`)
      expect(found.toSorted()).toEqual(naiveCharges(model, event, state).toSorted())
    }),
    { numRuns: 1500 },
  )
})

test('nothing-is-read-that-the-state-of-the-event-does-not-name', () => {
  fc.assert(
    fc.property(models(), events, readings, (model, event, state) => {
      const policy = compilePolicy(model, '{}')
      const terms = policy.stateOf(event)
      const counters = new Set(terms?.limits.map(({ counter }) => counter))
      const marks = new Set(terms?.afters.map(({ mark }) => mark))
      const watched: StateReadings = {
        now: state.now,
        used: (term) => (expect(counters).toContain(term.counter), state.used(term)),
        lastAllowedAt: (term) => (expect(marks).toContain(term.mark), state.lastAllowedAt(term)),
      }
      policy.evaluate(event, watched)
      policy.explain(event, watched)
      for (const { counter } of policy.chargesOf(event, watched)) expect(counters).toContain(counter)
      const set = policy.marksOf(event)
      expect(set.map(({ mark }) => mark)).toEqual(terms?.triggers ?? [])
      for (const { kind } of set) expect(policy.markKinds.map(({ id }) => id)).toContain(kind)
    }),
    { numRuns: 1000 },
  )
})

test('an-added-limit-on-an-allow-never-allows-more', () => {
  const withAllow = ruleLists().filter((list) => list.some(({ effect, limit }) => effect === 'allow' && !limit))
  fc.assert(
    fc.property(withAllow, limits, fc.tuple(events, readings), (list, limit, [event, state]) => {
      const limited = list.map((rule) =>
        rule.effect === 'allow' && rule.limit === undefined ? { ...rule, limit } : rule,
      )
      const before = compilePolicy(modelOf(list), '{}').evaluate(event, state).decision
      const after = compilePolicy(modelOf(limited), '{}').evaluate(event, state).decision
      if (before !== 'allow') expect(after).toBe(before)
    }),
    { numRuns: 1500 },
  )
})

test('less-that-is-known-never-allows', () => {
  const fewer = fc.tuple(events, readings, fc.boolean(), fc.boolean())
  fc.assert(
    fc.property(models(), fewer, (model, [event, state, isUsed, isLast]) => {
      const policy = compilePolicy(model, '{}')
      const known = policy.evaluate(event, state).decision
      const less: StateReadings = {
        now: state.now,
        used: (term) => (isUsed ? state.used(term) : undefined),
        lastAllowedAt: (term) => (isLast ? state.lastAllowedAt(term) : undefined),
      }
      if (known === 'allow') return
      expect(policy.evaluate(event, less).decision).not.toBe('allow')
      expect(policy.evaluate(event).decision).not.toBe('allow')
    }),
    { numRuns: 2000 },
  )
})

test('more-that-is-used-up-never-allows', () => {
  fc.assert(
    fc.property(models(), fc.tuple(events, readings), (model, [event, state]) => {
      const policy = compilePolicy(model, '{}')
      const of = (used: string): string =>
        policy.evaluate(event, { ...state, used: () => used, now: state.now }).decision
      if (of('5') !== 'allow') expect(of('1000')).not.toBe('allow')
      if (of('0') !== 'allow') expect(of('0.05')).not.toBe('allow')
    }),
    { numRuns: 1500 },
  )
})
