import { describe, expect, test } from 'vitest'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import { capability } from '../../src/action/capability.ts'
import { capabilityPattern } from '../../src/action/pattern.ts'
import type { ToolBinding } from '../../src/action/tool-binding.ts'
import { isCapFenceError } from '../../src/kernel/errors.ts'
import { argPath } from '../../src/policy/arg-path.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { ArgTest, Condition, Effect, PolicyModel, Rule } from '../../src/policy/model.ts'
import type { Policy } from '../../src/policy/policy.ts'

function isInvalidEvent(cause: unknown): boolean {
  return isCapFenceError(cause) && cause.code === 'EVENT_INVALID'
}

const PAYMENT = 'payment.execute.high_value'

function policyOf(rules: readonly Rule[], more: Partial<PolicyModel> = {}): Policy {
  const base = { mode: 'enforce', tools: new Map(), approvers: undefined, maxPendingPerActor: 100 } as const
  return compilePolicy({ ...base, rules, ...more }, '{}')
}

function rule(effect: Effect, pattern: string, more: Partial<Rule> = {}): Rule {
  return {
    id: `${effect}[0]`,
    effect,
    patterns: [capabilityPattern(pattern, effect === 'allow' ? 'narrow' : 'wide')],
    conditions: [],
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: { expiresInMs: 600_000, quorum: 1, approvers: [] },
    source: { file: 'ops.yaml', line: 1, column: 1 },
    ...more,
  }
}

function event(init: Partial<ActionEventInit> = {}): ActionEvent {
  const base = { id: 'event', at: 0, actor: 'agent', environment: 'production', risk: 'high' } as const
  return ActionEvent.create({ ...base, action: 'execute', resource: 'payment.high_value', ...init })
}

const amount = (op: 'gt' | 'gte' | 'lt' | 'lte' | 'eq', value: string): Condition => ({ kind: 'amount', op, value })
const matcher = (path: string, ...tests: ArgTest[]): Condition => ({ kind: 'args', path: argPath(path), tests })
const contains = (...texts: string[]): Condition => ({ kind: 'contains', texts })
const unless = (...conditions: Condition[]): Condition => ({ kind: 'unless', conditions })

describe('amounts', () => {
  const denyBig = policyOf([
    rule('deny', PAYMENT, { conditions: [amount('gt', '1000')] }),
    rule('allow', PAYMENT, { id: 'rest' }),
  ])
  const allowSmall = policyOf([rule('allow', PAYMENT, { conditions: [amount('lte', '1000')] })])

  test.each([
    ['negative', { amount: -5 }],
    ['a text with a sign', { amount: '-5' }],
    ['grouped', { amount: '5,000' }],
    ['an exponent', { amount: '1e3' }],
    ['a currency', { amount: '$5000' }],
    ['true', { amount: true }],
    ['an array', { amount: [5] }],
    ['null', { amount: null }],
    ['an object', { amount: { value: 5 } }],
    ['NaN', { amount: 'NaN' }],
    ['nan', { amount: 'nan' }],
    ['Infinity', { amount: 'Infinity' }],
    ['-inf', { amount: '-inf' }],
    ['blank', { amount: ' 5' }],
    ['a line break', { amount: '5\n' }],
    ['empty', { amount: '' }],
    ['a plus', { amount: '+5' }],
    ['hex', { amount: '0x5' }],
    ['no fraction', { amount: '5.' }],
    ['no whole part', { amount: '.5' }],
    ['Arabic digits', { amount: '٥' }],
    ['full-width digits', { amount: '５' }],
    ['too long', { amount: '1'.repeat(300) }],
    ['another case', { Amount: 5000 }],
    ['nested', { payment: { amount: 5 } }],
    ['missing', {}],
    ['a prototype', JSON.parse('{"__proto__":{"amount":5}}')],
    ['a date', { amount: new Date(0) }],
  ])('that-are-none-stop-a-deny-and-allow-nothing: %s', (_name, args) => {
    expect(denyBig.evaluate(event({ args })).code).toBe('policy_deny_unknown')
    expect(allowSmall.evaluate(event({ args })).code).toBe('policy_default')
  })

  test.each([
    [1000, 'policy_allow', 'policy_allow'],
    ['1000', 'policy_allow', 'policy_allow'],
    ['0001000.00', 'policy_allow', 'policy_allow'],
    [0, 'policy_allow', 'policy_allow'],
    [-0, 'policy_allow', 'policy_allow'],
    [1e-7, 'policy_allow', 'policy_allow'],
    [1000.0000000000001, 'policy_deny', 'policy_default'],
    ['1000.00000000000000000000000000001', 'policy_deny', 'policy_default'],
    [1e21, 'policy_deny', 'policy_default'],
    [1.7976931348623157e308, 'policy_deny', 'policy_default'],
    ['9'.repeat(250), 'policy_deny', 'policy_default'],
  ])('that-are-amounts-are-compared-exactly: %s', (value, denied, allowed) => {
    expect(denyBig.evaluate(event({ args: { amount: value } })).code).toBe(denied)
    expect(allowSmall.evaluate(event({ args: { amount: value } })).code).toBe(allowed)
  })

  test('knows-0.1-plus-0.2-from-0.3', () => {
    const policy = policyOf([rule('allow', PAYMENT, { conditions: [amount('eq', '0.3')] })])
    expect(policy.evaluate(event({ args: { amount: 0.1 + 0.2 } })).decision).toBe('deny')
    expect(policy.evaluate(event({ args: { amount: 0.3 } })).decision).toBe('allow')
    expect(policy.evaluate(event({ args: { amount: '0.30' } })).decision).toBe('allow')
  })

  const binding: ToolBinding = { capability: capability(PAYMENT), amount: 'total' }
  const several: ToolBinding = { capability: capability(PAYMENT), amount: 'items[*].price' }
  const bound = {
    tools: new Map([
      ['transfer', binding],
      ['batch', several],
      ['pay_*', binding],
    ]),
  }

  test('are-read-where-the-tool-is-bound-and-nowhere-else', () => {
    const policy = policyOf([rule('allow', PAYMENT, { conditions: [amount('lte', '1000')] })], bound)
    const decide = (tool: string, args: unknown): string => policy.evaluate(event({ tool, args })).decision
    expect(decide('transfer', { amount: 1, total: 999_999 })).toBe('deny')
    expect(decide('transfer', { amount: 1 })).toBe('deny')
    expect(decide('transfer', { total: 5 })).toBe('allow')
    expect(decide('pay_now', { amount: 1, total: 999_999 })).toBe('deny')
    expect(decide('other', { amount: 5, total: 999_999 })).toBe('allow')
    expect(decide('__proto__', { amount: 5 })).toBe('allow')
  })

  test('of-which-there-are-several-stop-for-some-and-allow-for-every', () => {
    const policy = policyOf(
      [
        rule('deny', PAYMENT, { conditions: [amount('gt', '100')] }),
        rule('allow', PAYMENT, { conditions: [amount('lte', '10')] }),
      ],
      bound,
    )
    const code = (...prices: unknown[]): string =>
      policy.evaluate(event({ tool: 'batch', args: { items: prices.map((price) => ({ price })) } })).code
    expect(code(1, 2)).toBe('policy_allow')
    expect(code(1, 20)).toBe('policy_default')
    expect(code(1, 200)).toBe('policy_deny')
    expect(code(1, 'x', 200)).toBe('policy_deny')
    expect(code(1, 'x')).toBe('policy_deny_unknown')
    expect(code()).toBe('policy_deny_unknown')
  })
})

describe('a deny on a scope', () => {
  const policy = policyOf([
    rule('deny', 'filesystem.delete.workspace'),
    rule('allow', 'filesystem.delete.*', { id: 'all' }),
  ])
  const remove = { action: 'delete', resource: 'filesystem' } as const

  test.each(['workspace', 'Workspace', 'WORKSPACE', 'workspace.tmp', 'workspace.a.b.c'])('covers: %j', (scope) => {
    expect(policy.evaluate(event({ ...remove, scope })).code).toBe('policy_deny')
  })

  test.each([
    '*',
    'workspace ',
    ' workspace',
    'workspace\n',
    'workspace.',
    '.workspace',
    'wоrkspace',
    'workspace*',
    'workspace/..',
  ])('is-not-escaped-because-it-is-no-event: %j', (scope) => {
    expect(() => event({ ...remove, scope })).toThrow(expect.toSatisfy(isInvalidEvent))
  })

  test('does-not-cover-a-neighbour', () => {
    expect(policy.evaluate(event({ ...remove, scope: 'workspace2' })).code).toBe('policy_allow')
  })

  test('is-not-swayed-by-what-args-say-of-the-environment', () => {
    const production = policyOf([
      rule('deny', '*', { conditions: [{ kind: 'context', field: 'environment', globs: ['Production'] }] }),
      rule('allow', '*.*.*'),
    ])
    const args = { environment: 'staging', actor: 'ops-1', resource: 'x' }
    expect(production.evaluate(event({ environment: 'Production', args })).code).toBe('policy_deny')
  })
})

describe('contains', () => {
  const wide = policyOf([rule('deny', '*', { conditions: [contains('rm -rf')] }), rule('allow', '*.*.*')])

  test.each([
    'rm -rf /',
    'x && rm  -rf /',
    'rm\t-rf /',
    'rm\n-rf /',
    'RM -RF /',
    'r\u200bm -r\u200df /',
    'r\u00adm -rf',
    'rm\u00a0-rf /',
    'rm\u2003-rf /',
    'rm\u3000-rf /',
    'ｒｍ －ｒｆ /',
    '\ufeffrm -rf',
    '𝐫𝐦 -𝐫𝐟',
    `rm -r${'\u{e0066}'}f`,
  ])('sees-through-look-alikes: %j', (command) => {
    expect(wide.evaluate(event({ args: { command } })).code).toBe('policy_deny')
  })

  test('looks-into-every-value-at-any-depth-but-not-at-keys', () => {
    expect(wide.evaluate(event({ args: { a: [{ b: { c: ['x', 'rm -rf'] } }] } })).code).toBe('policy_deny')
    expect(wide.evaluate(event({ args: JSON.parse('{"__proto__":"rm -rf"}') })).code).toBe('policy_deny')
    expect(wide.evaluate(event({ args: { 'rm -rf': 1 } })).code).toBe('policy_allow')
    expect(wide.evaluate(event({ args: { a: 'rm', b: '-rf' } })).code).toBe('policy_allow')
    expect(wide.evaluate(event({ args: { n: 5 } })).code).toBe('policy_allow')
  })

  test('cannot-read-bytes', () => {
    const bytes = new Uint8Array([1])
    expect(wide.evaluate(event({ args: { bytes } })).code).toBe('policy_deny_unknown')
    expect(wide.evaluate(event({ args: { bytes, text: 'rm -rf' } })).code).toBe('policy_deny')
  })

  test('is-unknown-where-folding-would-take-too-long', () => {
    const startedAt = performance.now()
    expect(wide.evaluate(event({ args: { note: `a${'\u0301\u0316'.repeat(200_000)}` } })).code).toBe(
      'policy_deny_unknown',
    )
    expect(wide.evaluate(event({ args: { list: Array.from({ length: 9 }, () => 'é'.repeat(9_000)) } })).code).toBe(
      'policy_deny_unknown',
    )
    expect(wide.evaluate(event({ args: { note: 'a '.repeat(500_000) } })).code).toBe('policy_allow')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  test('is-every-text-where-being-true-lets-through', () => {
    const policy = policyOf([rule('deny', '*', { conditions: [unless(contains('draft'))] }), rule('allow', '*.*.*')])
    expect(policy.evaluate(event({ args: { a: 'a draft', b: 'DRAFT' } })).code).toBe('policy_allow')
    expect(policy.evaluate(event({ args: { a: 'a draft', b: 'final' } })).code).toBe('policy_deny')
    expect(policy.evaluate(event({ args: {} })).code).toBe('policy_deny')
    expect(policy.evaluate(event({ args: { a: 'draft', b: new Uint8Array([1]) } })).code).toBe('policy_deny_unknown')
  })

  test.each(['', '\u200b', '\u{e0041}'])('refuses-a-text-that-every-text-contains: %j', (text) => {
    expect(() => policyOf([rule('deny', '*', { conditions: [contains(text)] })])).toThrow(
      expect.toSatisfy((cause: unknown) => isCapFenceError(cause) && cause.code === 'POLICY_INVALID'),
    )
  })
})

describe('a matcher', () => {
  const denyCode = (path: string, value: unknown, ...tests: ArgTest[]): string =>
    policyOf([rule('deny', '*', { conditions: [matcher(path, ...tests)] }), rule('allow', '*.*.*')]).evaluate(
      event({ args: value }),
    ).code
  const allowCode = (path: string, value: unknown, ...tests: ArgTest[]): string =>
    policyOf([rule('allow', '*.*.*', { conditions: [matcher(path, ...tests)] })]).evaluate(event({ args: value })).code

  const [YES, NO, DOUBT] = ['policy_deny', 'policy_allow', 'policy_deny_unknown']

  test.each<[string, string, unknown, ArgTest, string | undefined]>([
    ['equal', 'a', { a: 5 }, { op: 'eq', value: 5 }, YES],
    ['unequal', 'a', { a: 6 }, { op: 'eq', value: 5 }, NO],
    ['a text for a number', 'a', { a: '5' }, { op: 'eq', value: 5 }, DOUBT],
    ['a text for true', 'a', { a: 'true' }, { op: 'eq', value: true }, DOUBT],
    ['null', 'a', { a: null }, { op: 'eq', value: null }, YES],
    ['missing', 'a', {}, { op: 'eq', value: 5 }, DOUBT],
    ['missing for ne', 'a', {}, { op: 'ne', value: 5 }, DOUBT],
    ['missing for not_in', 'a', {}, { op: 'not_in', values: [5] }, DOUBT],
    ['another type for ne', 'a', { a: '5' }, { op: 'ne', value: 5 }, DOUBT],
    ['one of', 'a', { a: 'y' }, { op: 'in', values: ['x', 'y'] }, YES],
    ['none of', 'a', { a: 'z' }, { op: 'in', values: ['x', 'y'] }, NO],
    ['of mixed types', 'a', { a: 'z' }, { op: 'in', values: ['x', 5] }, DOUBT],
    ['not one of', 'a', { a: 'z' }, { op: 'not_in', values: ['x', 'y'] }, YES],
    ['a list', 'a', { a: [1, 2] }, { op: 'eq', value: [1, 2] }, YES],
    ['another list', 'a', { a: [1, 3] }, { op: 'eq', value: [1, 2] }, NO],
    ['an object in another order', 'a', { a: { y: 1, x: [2] } }, { op: 'eq', value: { x: [2], y: 1 } }, YES],
    ['greater', 'a', { a: 5.1 }, { op: 'gt', value: '5' }, YES],
    ['negative', 'a', { a: -6 }, { op: 'lt', value: '-5' }, YES],
    ['a text is not greater', 'a', { a: '6' }, { op: 'gt', value: '5' }, DOUBT],
    ['case and blanks aside', 'a', { a: 'DROP\u00a0 Table' }, { op: 'contains', text: 'drop table' }, YES],
    ['start', 'a', { a: '\u200bPROD-1' }, { op: 'starts_with', text: 'prod' }, YES],
    ['end', 'a', { a: 'x.EXE' }, { op: 'ends_with', text: '.exe' }, YES],
    ['glob', 'a', { a: 'MAIN-2' }, { op: 'glob', text: 'main-*' }, YES],
    ['a number is no text', 'a', { a: 5 }, { op: 'contains', text: '5' }, DOUBT],
    ['a date is no text', 'a', { a: new Date(0) }, { op: 'contains', text: '1970' }, DOUBT],
    ['bytes are no text', 'a', { a: new Uint8Array([1]) }, { op: 'eq', value: 'AQ==' }, DOUBT],
    ['bytes are not entered', 'a.value', { a: new Uint8Array([1]) }, { op: 'eq', value: 'AQ==' }, DOUBT],
    ['search', 'a', { a: 'please drop  it' }, { op: 'matches', text: 'drop\\s+it' }, YES],
    ['search with odd blanks', 'a', { a: 'DROP\u00a0IT' }, { op: 'matches', text: 'DROP\\s+IT' }, YES],
    ['search, another case', 'a', { a: 'DROP IT' }, { op: 'matches', text: 'drop it' }, YES],
    ['search, no match', 'a', { a: 'keep it' }, { op: 'matches', text: 'drop it' }, NO],
    ['search, too long', 'a', { a: 'x'.repeat(900_000) }, { op: 'matches', text: 'drop it' }, DOUBT],
    ['type', 'a', { a: '5' }, { op: 'type', types: ['string', 'null'] }, YES],
    ['another type', 'a', { a: 5 }, { op: 'type', types: ['string'] }, NO],
    ['no type', 'a', {}, { op: 'type', types: ['string'] }, DOUBT],
    ['short', 'a', { a: '😀😀' }, { op: 'length_lte', value: 2 }, YES],
    ['long', 'a', { a: '😀😀' }, { op: 'length_lte', value: 1 }, NO],
    ['a short list', 'a', { a: [1, 2] }, { op: 'length_lte', value: 2 }, YES],
    ['no length', 'a', { a: 5 }, { op: 'length_lte', value: 2 }, DOUBT],
    ['present', 'a', { a: null }, { op: 'present', value: true }, YES],
    ['absent', 'a', {}, { op: 'present', value: true }, NO],
    ['absence', 'a', {}, { op: 'present', value: false }, YES],
    ['deep', 'a.b[1].c', { a: { b: [0, { c: 7 }] } }, { op: 'eq', value: 7 }, YES],
    ['an odd key', '["odd.key"]', { 'odd.key': 7 }, { op: 'eq', value: 7 }, YES],
    ['a prototype name', '__proto__', JSON.parse('{"__proto__":7}'), { op: 'eq', value: 7 }, YES],
    ['an inherited name', 'toString', {}, { op: 'present', value: true }, NO],
    ['an inherited constructor', 'constructor.name', {}, { op: 'present', value: true }, NO],
    ['the length of a list', 'a.length', { a: [1] }, { op: 'present', value: true }, NO],
    ['a key of a text', 'a[0]', { a: 'xyz' }, { op: 'present', value: true }, NO],
    ['some element', 'a[*]', { a: [1, 7] }, { op: 'eq', value: 7 }, YES],
    ['some element beside an odd one', 'a[*]', { a: ['x', 7] }, { op: 'eq', value: 7 }, YES],
    ['an odd element', 'a[*]', { a: ['x', 1] }, { op: 'eq', value: 7 }, DOUBT],
    ['no element', 'a[*]', { a: [] }, { op: 'eq', value: 7 }, NO],
    ['no list', 'a[*]', { a: { 0: 7 } }, { op: 'eq', value: 7 }, DOUBT],
    ['an element without it', 'a[*].b', { a: [{ b: 1 }, {}] }, { op: 'eq', value: 7 }, DOUBT],
    ['elements of elements', 'a[*][*]', { a: [[1], [2, 7]] }, { op: 'eq', value: 7 }, YES],
  ])('in-a-deny-means-some-and-sees-look-alikes: %s', (_name, path, ...[args, each, code]) => {
    expect(denyCode(path, args, each)).toBe(code)
  })

  test.each<[string, string, unknown, ArgTest, boolean]>([
    ['every element', 'a[*]', { a: [7, 7] }, { op: 'eq', value: 7 }, true],
    ['not every element', 'a[*]', { a: [7, 1] }, { op: 'eq', value: 7 }, false],
    ['an odd element', 'a[*]', { a: [7, '7'] }, { op: 'eq', value: 7 }, false],
    ['no element', 'a[*]', { a: [] }, { op: 'eq', value: 7 }, false],
    ['the text as written', 'a', { a: 'read-1' }, { op: 'starts_with', text: 'read' }, true],
    ['another case', 'a', { a: 'READ-1' }, { op: 'starts_with', text: 'read' }, false],
    ['an ignorable character', 'a', { a: 'r\u200bead' }, { op: 'glob', text: 'read' }, false],
    ['the whole', 'a', { a: 'abc' }, { op: 'matches', text: '[a-z]+' }, true],
    ['the longer alternative', 'a', { a: 'ab' }, { op: 'matches', text: 'a|ab' }, true],
    ['a part', 'a', { a: 'abc; rm' }, { op: 'matches', text: '[a-z]+' }, false],
    ['a line', 'a', { a: 'abc\nrm' }, { op: 'matches', text: '(?m)^[a-z]+$' }, false],
    ['a line break at the end', 'a', { a: 'abc\n' }, { op: 'matches', text: '^[a-z]+$' }, false],
    ['not another', 'a', { a: 'x' }, { op: 'ne', value: 'y' }, true],
    ['not another, missing', 'a', {}, { op: 'ne', value: 'y' }, false],
  ])('in-an-allow-means-every-and-exactly: %s', (_name, path, ...[args, each, allowed]) => {
    expect(allowCode(path, args, each)).toBe(allowed ? 'policy_allow' : 'policy_default')
  })

  test('joins-its-operators-and-false-wins', () => {
    expect(denyCode('a', {}, { op: 'present', value: true }, { op: 'gt', value: '5' })).toBe('policy_allow')
    expect(denyCode('a', { a: 6 }, { op: 'present', value: true }, { op: 'gt', value: '5' })).toBe('policy_deny')
    expect(denyCode('a', { a: 'x' }, { op: 'gt', value: '5' }, { op: 'type', types: ['number'] })).toBe('policy_allow')
  })

  test('bounds-the-work-of-a-pattern-over-a-whole-list', () => {
    const list = Array.from({ length: 4_000 }, () => 'x'.repeat(200))
    expect(denyCode('a[*]', { a: list }, { op: 'matches', text: 'drop' })).toBe('policy_deny_unknown')
    expect(denyCode('a[*]', { a: list.slice(0, 10) }, { op: 'matches', text: 'drop' })).toBe('policy_allow')
  })

  test('names-arguments-that-may-be-there', () => {
    const policy = policyOf([rule('allow', '*.*.*', { conditions: [{ kind: 'args_only', names: ['path'] }] })])
    expect(policy.evaluate(event({ args: { path: 'x' } })).decision).toBe('allow')
    expect(policy.evaluate(event({ args: {} })).decision).toBe('allow')
    expect(policy.evaluate(event({ args: { path: 'x', file: '/etc/shadow' } })).decision).toBe('deny')
    expect(policy.evaluate(event({ args: JSON.parse('{"path":1,"__proto__":2}') })).decision).toBe('deny')
  })
})

describe('the context', () => {
  test.each(['session', 'tenant', 'user_role', 'tool'] as const)(
    'that-is-missing-is-unknown-even-to-a-star: %s',
    (field) => {
      const condition: Condition = { kind: 'context', field, globs: ['*'] }
      const deny = policyOf([rule('deny', '*', { conditions: [condition] }), rule('allow', '*.*.*')])
      expect(deny.evaluate(event()).code).toBe('policy_deny_unknown')
      expect(policyOf([rule('allow', '*.*.*', { conditions: [condition] })]).evaluate(event()).code).toBe(
        'policy_default',
      )
      const given = event({ session: 's', tenant: 't', userRole: 'u', tool: 'x' })
      expect(deny.evaluate(given).code).toBe('policy_deny')
    },
  )

  test('has-a-depth-only-where-the-host-tells-it', () => {
    const policy = policyOf([
      rule('deny', '*', { conditions: [{ kind: 'caller_depth', op: 'gte', value: 2 }] }),
      rule('allow', '*.*.*'),
    ])
    expect(policy.evaluate(event()).code).toBe('policy_deny_unknown')
    expect(policy.evaluate(event({ callerDepth: 1 })).code).toBe('policy_allow')
    expect(policy.evaluate(event({ callerDepth: 2 })).code).toBe('policy_deny')
  })
})
