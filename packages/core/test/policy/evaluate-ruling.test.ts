import { describe, expect, test } from 'vitest'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import { capability } from '../../src/action/capability.ts'
import { capabilityPattern } from '../../src/action/pattern.ts'
import { sha256Hex } from '../../src/kernel/digest.ts'
import { argPath } from '../../src/policy/arg-path.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { Condition, Effect, PolicyModel, Rule } from '../../src/policy/model.ts'
import type { Policy } from '../../src/policy/policy.ts'

const TERMS = { expiresInMs: 60_000, quorum: 2, approvers: ['ops-*'] }

function policyOf(rules: readonly Rule[], more: Partial<PolicyModel> = {}): Policy {
  const base = { mode: 'enforce', tools: new Map(), approvers: undefined, maxPendingPerActor: 7 } as const
  return compilePolicy({ ...base, rules, ...more }, '{"v":1}')
}

function rule(effect: Effect, id: string, more: Partial<Rule> = {}): Rule {
  return {
    id,
    effect,
    patterns: [capabilityPattern('payment.execute.high_value', effect === 'allow' ? 'narrow' : 'wide')],
    conditions: [],
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: TERMS,
    source: { file: 'ops.yaml', line: 1, column: 1 },
    ...more,
  }
}

function payment(args: unknown = {}, more: Partial<ActionEventInit> = {}): ActionEvent {
  const base = { id: 'event', at: 0, actor: 'agent', environment: 'production', risk: 'high' } as const
  return ActionEvent.create({ ...base, action: 'execute', resource: 'payment.high_value', args, ...more })
}

const BIG: Condition = { kind: 'amount', op: 'gt', value: '1000' }
const HAS_NOTE: Condition = { kind: 'args', path: argPath('note'), tests: [{ op: 'eq', value: 'x' }] }

describe('a ruling', () => {
  test('is-strictest-first', () => {
    const rules = [rule('allow', 'a'), rule('require_approval', 'b'), rule('deny', 'c')]
    expect(policyOf(rules).evaluate(payment())).toEqual({
      decision: 'deny',
      code: 'policy_deny',
      rule: 'c',
      rules: ['c'],
      observed: [],
      message: 'denied by rule `c`',
      enforced: true,
    })
    expect(policyOf(rules.slice(0, 2)).evaluate(payment())).toMatchObject({
      decision: 'require_approval',
      code: 'policy_ask',
      rule: 'b',
      asking: [{ rule: 'b', unknown: false, terms: TERMS }],
    })
    expect(policyOf(rules.slice(0, 1)).evaluate(payment())).toMatchObject({
      decision: 'allow',
      code: 'policy_allow',
      rule: 'a',
    })
    expect(policyOf([]).evaluate(payment())).toMatchObject({
      decision: 'deny',
      code: 'policy_default',
      rule: null,
      rules: [],
      message: 'no rule allows `payment.execute.high_value`',
    })
  })

  test('tells-a-certain-deny-before-an-unknown-one', () => {
    const policy = policyOf([rule('deny', 'a', { conditions: [BIG] }), rule('deny', 'b')])
    expect(policy.evaluate(payment())).toMatchObject({ code: 'policy_deny', rule: 'b', rules: ['b'] })
  })

  test('lists-all-that-fired-with-the-least-id-first-whatever-their-order', () => {
    const rules = ['deny[2]', 'deny[0]', 'deny[1]'].map((id) => rule('deny', id))
    for (const list of [rules, rules.toReversed()]) {
      const ruling = policyOf(list).evaluate(payment())
      expect(ruling.rule).toBe('deny[0]')
      expect(ruling.rules).toEqual(['deny[0]', 'deny[1]', 'deny[2]'])
    }
  })

  test('counts-a-rule-once-that-covers-by-several-patterns', () => {
    const patterns = ['payment', '*', 'payment.*.high_value'].map((text) => capabilityPattern(text, 'wide'))
    expect(policyOf([rule('deny', 'a', { patterns })]).evaluate(payment()).rules).toEqual(['a'])
  })

  test('denies-asks-or-does-not-allow-out-of-ignorance', () => {
    const conditions = [BIG]
    expect(policyOf([rule('deny', 'a', { conditions })]).evaluate(payment())).toMatchObject({
      decision: 'deny',
      code: 'policy_deny_unknown',
      rule: 'a',
      rules: ['a'],
    })
    for (const asking of [
      rule('deny', 'a', { conditions, unknown: 'ask' }),
      rule('require_approval', 'a', { conditions }),
    ]) {
      expect(policyOf([asking, rule('allow', 'b')]).evaluate(payment())).toMatchObject({
        decision: 'require_approval',
        code: 'policy_ask_unknown',
        rule: 'a',
        asking: [{ rule: 'a', unknown: true, terms: TERMS }],
      })
    }
    expect(policyOf([rule('allow', 'a', { conditions })]).evaluate(payment())).toMatchObject({
      code: 'policy_default',
      rule: null,
    })
  })

  test('asks-for-certain-and-in-doubt-together', () => {
    const rules = [
      rule('deny', 'a', { conditions: [BIG], unknown: 'ask' }),
      rule('require_approval', 'b'),
      rule('allow', 'c'),
    ]
    expect(policyOf(rules).evaluate(payment())).toMatchObject({
      code: 'policy_ask',
      rule: 'b',
      rules: ['b', 'a'],
      asking: [
        { rule: 'b', unknown: false },
        { rule: 'a', unknown: true },
      ],
    })
  })

  test('still-denies-for-certain-with-a-rule-that-would-ask-in-doubt', () => {
    const policy = policyOf([rule('deny', 'a', { conditions: [BIG], unknown: 'ask' })])
    expect(policy.evaluate(payment({ amount: 5000 }))).toMatchObject({ code: 'policy_deny', rule: 'a' })
  })

  test('takes-a-false-condition-over-an-unknown-one', () => {
    const conditions: Condition[] = [BIG, { kind: 'risk', levels: ['low'] }]
    expect(policyOf([rule('deny', 'a', { conditions }), rule('allow', 'b')]).evaluate(payment()).decision).toBe('allow')
  })

  test('leaves-rules-out-that-only-observe', () => {
    const policy = policyOf([
      rule('deny', 'a', { mode: 'observe' }),
      rule('deny', 'b', { mode: 'observe', conditions: [BIG] }),
      rule('allow', 'c', { mode: 'observe', conditions: [BIG] }),
      rule('allow', 'd'),
    ])
    expect(policy.evaluate(payment())).toMatchObject({
      decision: 'allow',
      rule: 'd',
      rules: ['d'],
      observed: ['a', 'b'],
      enforced: true,
    })
    expect(policy.evaluate(payment({ amount: 1 }))).toMatchObject({ decision: 'allow', observed: ['a'] })
    expect(policy.evaluate(payment({ amount: 5000 }))).toMatchObject({ decision: 'allow', observed: ['a', 'b', 'c'] })
  })

  test('is-only-recorded-where-the-whole-policy-observes', () => {
    const policy = policyOf([rule('deny', 'a')], { mode: 'observe' })
    expect(policy.mode).toBe('observe')
    expect(policy.evaluate(payment())).toMatchObject({ decision: 'deny', code: 'policy_deny', enforced: false })
    const doubtful = policyOf([rule('deny', 'a', { conditions: [BIG] })], { mode: 'observe' })
    expect(doubtful.evaluate(payment()).enforced).toBe(false)
    expect(policyOf([], { mode: 'observe' }).evaluate(payment()).enforced).toBe(false)
  })

  test('cannot-be-changed-by-who-receives-it', () => {
    const policy = policyOf([rule('deny', 'a'), rule('deny', 'b')])
    const ruling = policy.evaluate(payment())
    expect(Object.isFrozen(ruling) && Object.isFrozen(ruling.rules) && Object.isFrozen(ruling.observed)).toBe(true)
  })
})

describe('the message of a ruling', () => {
  const messageOf = (...rules: Rule[]): string => policyOf(rules).evaluate(payment()).message

  test('gives-the-rule-and-its-reason', () => {
    expect(messageOf(rule('deny', 'a', { reason: 'ask  ops\nfirst' }))).toBe('denied by rule `a`: ask ops first')
    expect(messageOf(rule('require_approval', 'a', { reason: 'big' }))).toBe("rule `a` wants a human's approval: big")
  })

  test('names-field-rule-and-remedy-of-an-unknown', () => {
    expect(messageOf(rule('deny', 'a', { conditions: [BIG], reason: 'too much' }))).toBe(
      'rule `a` (too much) cannot be decided, so it denies: `amount_gt` is unknown, for `args.amount` is missing; ' +
        'to make absence harmless, add `args: { amount: { present: true } }` to the rule',
    )
    expect(messageOf(rule('require_approval', 'a', { conditions: [HAS_NOTE] }))).toContain(
      '`args: { note: { present: true } }`',
    )
    expect(messageOf(rule('deny', 'a', { conditions: [{ kind: 'context', field: 'session', globs: ['*'] }] }))).toBe(
      'rule `a` cannot be decided, so it denies: `session` is unknown, for `session` is missing; ' +
        'the host that guards the tool has to give `session` with each event',
    )
  })

  test('says-what-a-field-has-to-be', () => {
    const { message } = policyOf([rule('deny', 'a', { conditions: [BIG] })]).evaluate(payment({ amount: '5,000' }))
    expect(message).toContain('`args.amount` has to be a non-negative JSON number or a plain decimal text')
    expect(message).not.toContain('5,000')
  })

  test('names-the-bound-argument', () => {
    const tools = new Map([
      ['transfer', { capability: capability('payment.execute.high_value'), amount: 'order.total' }],
    ])
    const policy = policyOf([rule('deny', 'a', { conditions: [BIG] })], { tools })
    expect(policy.evaluate(payment({ amount: 1 }, { tool: 'transfer' })).message).toContain(
      '`args.order.total` is missing',
    )
  })

  test('tells-of-an-allow-that-knew-too-little', () => {
    expect(messageOf(rule('allow', 'small', { conditions: [{ kind: 'amount', op: 'lte', value: '1000' }] }))).toBe(
      'no rule allows `payment.execute.high_value`: `small` cannot be decided: `amount_lte` is unknown, ' +
        'for `args.amount` is missing; it allows only where that is given',
    )
  })
})

describe('an explanation', () => {
  test('tells-every-rule-and-each-condition', () => {
    const policy = policyOf([
      rule('deny', 'elsewhere', { patterns: [capabilityPattern('http', 'wide')], conditions: [BIG] }),
      rule('deny', 'big', { conditions: [BIG, { kind: 'unless', conditions: [HAS_NOTE] }] }),
      rule('allow', 'all'),
    ])
    expect(policy.explain(payment({ amount: 5000 }))).toEqual({
      capability: 'payment.execute.high_value',
      ruling: policy.evaluate(payment({ amount: 5000 })),
      rules: [
        { rule: 'elsewhere', effect: 'deny', mode: 'enforce', covered: false, truth: 'false', conditions: [] },
        {
          rule: 'big',
          effect: 'deny',
          mode: 'enforce',
          covered: true,
          truth: 'unknown',
          conditions: [
            { condition: 'amount_gt', truth: 'true', why: 'the amount is gt 1000' },
            { condition: 'unless', truth: 'unknown', why: '`args.note` is missing' },
            { condition: 'unless.args.note', truth: 'unknown', why: '`args.note` is missing' },
          ],
        },
        { rule: 'all', effect: 'allow', mode: 'enforce', covered: true, truth: 'true', conditions: [] },
      ],
      facts: { commands: [], sql: [], paths: [], urls: [] },
    })
  })
})

describe('a compiled policy', () => {
  test('carries-the-digest-of-its-canonical-text', () => {
    const policy = policyOf([])
    expect(policy).toMatchObject({
      digest: sha256Hex('{"v":1}'),
      canonical: '{"v":1}',
      maxPendingPerActor: 7,
      approvers: undefined,
    })
  })

  test('finds-a-binding-by-name-and-then-by-the-longest-prefix', () => {
    const names = ['fs__*', 'fs__read_*', 'fs__read_one', '*'] as const
    const tools = new Map(names.map((name, index) => [name, { capability: capability(`a.b.c${String(index)}`) }]))
    const policy = policyOf([], { tools })
    const found = (tool: string): string | undefined => policy.bindingOf(tool)?.capability
    expect(['fs__read_one', 'fs__read_two', 'fs__write', 'toString', '__proto__'].map(found)).toEqual([
      'a.b.c2',
      'a.b.c1',
      'a.b.c0',
      'a.b.c3',
      'a.b.c3',
    ])
    expect(policyOf([]).bindingOf('constructor')).toBeUndefined()
  })

  test('answers-alike-after-agents-made-up-more-capabilities-than-it-remembers', () => {
    const policy = policyOf([
      rule('deny', 'a', { patterns: [capabilityPattern('payment.execute.s7', 'wide')] }),
      rule('allow', 'b'),
    ])
    const of = (scope: string): string => policy.evaluate(payment({}, { resource: 'payment', scope })).code
    for (let index = 0; index < 9_000; index++) of(`s${String(index)}`)
    expect([of('s7'), of('s7.x'), of('s8'), of('high_value')]).toEqual([
      'policy_deny',
      'policy_deny',
      'policy_default',
      'policy_allow',
    ])
  })
})
