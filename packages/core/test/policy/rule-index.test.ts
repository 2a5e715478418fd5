import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { capabilityPattern, covers, type Reach } from '../../src/action/pattern.ts'
import { planMemo, MAX_PLANS } from '../../src/policy/plan-memo.ts'
import { ruleIndex } from '../../src/policy/rule-index.ts'
import { capabilities, patterns } from './random-policy.ts'

// Many random cases, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const entries = (reach: Reach): fc.Arbitrary<{ readonly text: string; readonly reach: Reach }> =>
  patterns(reach).map((text) => ({ text, reach }))

describe('the index of rules', () => {
  test('finds-what-covers-finds-and-nothing-else', () => {
    const lists = fc.array(fc.oneof(entries('narrow'), entries('wide')), { maxLength: 30 })
    fc.assert(
      fc.property(lists, fc.array(capabilities, { minLength: 1, maxLength: 10 }), (list, asked) => {
        const indexed = list.map(({ text, reach }, item) => ({ pattern: capabilityPattern(text, reach), reach, item }))
        const index = ruleIndex(indexed)
        for (const capability of asked) {
          const expected = indexed
            .filter(({ pattern, reach }) => covers(pattern, capability, reach))
            .map(({ item }) => item)
          expect([...index.find(capability)].toSorted((a, b) => a - b)).toEqual(expected)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('takes-prototype-names-as-segments', () => {
    const index = ruleIndex([{ pattern: capabilityPattern('a.b.constructor', 'wide'), reach: 'wide', item: 1 }])
    expect([...index.find('a.b.constructor')]).toEqual([1])
    expect([...index.find('a.b.__proto__')]).toEqual([])
  })
})

describe('the memory of plans', () => {
  test('keeps-registered-ones-and-is-bounded-for-the-others', () => {
    const made: string[] = []
    const memo = planMemo(['tool'], (capability) => {
      made.push(capability)
      return { size: 1, capability }
    })
    for (let index = 0; index < 3 * MAX_PLANS; index++) {
      expect(memo.planOf(String(index)).capability).toBe(String(index))
      expect(memo.count()).toBeLessThanOrEqual(MAX_PLANS + 1)
    }
    expect(memo.planOf('tool').capability).toBe('tool')
    expect(made.filter((capability) => capability === 'tool')).toHaveLength(1)
  })

  test('is-bounded-by-what-plans-hold-too', () => {
    const memo = planMemo([], (capability) => ({ size: 10_000, capability }))
    for (let index = 0; index < 200; index++) {
      memo.planOf(String(index))
      expect(memo.count()).toBeLessThan(30)
    }
  })
})
