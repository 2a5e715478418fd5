// What one hostile event may cost. Whoever can send any event of up to 1 MiB and 65,536 values must not be able to stop
// the process; the limits on time are many times what a slow machine takes, and a fraction of what unbounded work does.
import { describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { capabilityPattern } from '../../src/action/pattern.ts'
import { argPath } from '../../src/policy/arg-path.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import type { ArgTest, Condition, Effect, Rule } from '../../src/policy/model.ts'
import type { Policy } from '../../src/policy/policy.ts'

function rule(effect: Effect, id: string, conditions: readonly Condition[]): Rule {
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  return {
    id,
    effect,
    patterns: [capabilityPattern('*.*.*', reach)],
    conditions,
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: { expiresInMs: 600_000, quorum: 1, approvers: [] },
    source: { file: 'ops.yaml', line: 1, column: 1 },
  }
}

function denying(...conditions: readonly Condition[]): Policy {
  const denies = conditions.map((condition, index) => rule('deny', `deny[${String(index)}]`, [condition]))
  const base = { mode: 'enforce', tools: new Map(), approvers: undefined, maxPendingPerActor: 100 } as const
  return compilePolicy({ ...base, rules: [...denies, rule('allow', 'rest', [])] }, '{}')
}

function event(args: unknown): ActionEvent {
  const base = { id: 'event', at: 0, actor: 'agent', environment: 'production', risk: 'high' } as const
  return ActionEvent.create({ ...base, action: 'execute', resource: 'payment.high_value', args })
}

const matcher = (path: string, ...tests: ArgTest[]): Condition => ({ kind: 'args', path: argPath(path), tests })
const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_none, index) => make(index))

const WORDS = times(1_000, (index) => `h${String(index)}`)
const MANY = times(65_000, (index) => `v${index.toString(36)}`)
const LONG = 'a'.repeat(1_000_000)
const SELF_SIMILAR = `${'a'.repeat(2_500)}b${'a'.repeat(2_500)}`

const [YES, NO, DOUBT] = ['policy_deny', 'policy_allow', 'policy_deny_unknown']

describe('one event', () => {
  test.each<[string, readonly Condition[], unknown, string | undefined]>([
    ['a list of a thousand texts', [matcher('q[*]', { op: 'in', values: WORDS })], MANY, NO],
    ['the last of a thousand texts', [matcher('q[*]', { op: 'in', values: WORDS })], [...MANY, 'h999'], YES],
    ['a list of texts and a number', [matcher('q[*]', { op: 'in', values: [...WORDS, 5] })], MANY, DOUBT],
    ['none of a thousand texts', [matcher('q[*]', { op: 'not_in', values: ['x', ...WORDS] })], MANY, YES],
    [
      'a thousand lists',
      [matcher('q[*]', { op: 'in', values: WORDS.map((word) => [word]) })],
      times(30_000, () => ['a']),
      DOUBT,
    ],
    ['a few lists', [matcher('q[*]', { op: 'in', values: [['x'], ['y']] })], times(30_000, () => ['a']), NO],
    [
      'an object of many keys',
      [matcher('q[*]', { op: 'eq', value: Object.fromEntries(WORDS.map((word) => [word, 1])) })],
      times(65_000, () => ({})),
      DOUBT,
    ],
    ['a glob of ten thousand stars', [matcher('q[*]', { op: 'glob', text: '*h'.repeat(10_000) })], MANY, NO],
    ['a glob of nothing but stars', [matcher('q[*]', { op: 'glob', text: `x${'*'.repeat(10_000)}y` })], MANY, NO],
    ['a glob around a self-similar text', [matcher('q', { op: 'glob', text: `*${SELF_SIMILAR}*` })], LONG, DOUBT],
    ['a self-similar text in an argument', [matcher('q', { op: 'contains', text: SELF_SIMILAR })], LONG, DOUBT],
    ['a self-similar text in any argument', [{ kind: 'contains', texts: [SELF_SIMILAR] }], LONG, DOUBT],
    ['a self-similar text in a short one', [{ kind: 'contains', texts: [SELF_SIMILAR] }], 'a'.repeat(1_900), NO],
    [
      'a self-similar text in elements',
      [matcher('q[*]', { op: 'contains', text: SELF_SIMILAR })],
      times(500, () => 'a'.repeat(1_900)),
      DOUBT,
    ],
    ['a short text in a long one', [matcher('q', { op: 'contains', text: 'ab' })], `${LONG}b`, YES],
    ['a thousand texts in many', [{ kind: 'contains', texts: WORDS }], MANY.map((word) => `${word}______`), DOUBT],
    ['a few texts in many', [{ kind: 'contains', texts: WORDS.slice(0, 8).map((word) => `${word}!`) }], MANY, NO],
    [
      'a pattern over many texts, in its message',
      [matcher('q[*]', { op: 'matches', text: '(a{0,100}){0,9}b' })],
      times(30_000, () => 'a'.repeat(16)),
      DOUBT,
    ],
    ['a path of sixty steps', times(10, () => matcher(`q[*]${'.b'.repeat(60)}`, { op: 'eq', value: 1 })), MANY, DOUBT],
    [
      'a path over lists of lists',
      times(100, (index) => matcher('q[*][*][*]', { op: 'eq', value: `h${String(index)}` })),
      times(40, () => times(40, () => times(36, () => 'a'))),
      NO,
    ],
    ['ten rules with a list each', times(10, () => matcher('q[*]', { op: 'in', values: WORDS })), MANY, NO],
    [
      'fifty rules on marks and capitals',
      times(50, (index) => matcher('q[*]', { op: 'contains', text: `é-${String(index)}` })),
      times(20_000, (index) => `É${index.toString(36)}`),
      NO,
    ],
    [
      'forty rules on the length of a text',
      times(40, () => matcher('q', { op: 'length_lte', value: 600_000 })),
      LONG,
      NO,
    ],
  ])('is-judged-in-bounded-time: %s', (_name, conditions, ...[q, code]) => {
    const policy = denying(...conditions)
    const asked = event({ q })
    const startedAt = cpuMs()
    const ruling = policy.evaluate(asked)
    expect(cpuMs() - startedAt).toBeLessThan(2_000)
    expect(ruling.code).toBe(code)
    expect(policy.explain(asked).ruling).toEqual(ruling)
  })

  test('of-many-arguments-is-judged-in-bounded-time-by-args_only', () => {
    const names: Condition = { kind: 'unless', conditions: [{ kind: 'args_only', names: ['v1', 'v2'] }] }
    const asked = event(Object.fromEntries(MANY.map((name) => [name, 1])))
    const policy = denying(...times(500, () => names))
    const startedAt = cpuMs()
    expect(policy.evaluate(asked).code).toBe(YES)
    expect(cpuMs() - startedAt).toBeLessThan(2_000)
  })

  test('says-that-it-is-too-long-where-that-is-why', () => {
    const { message } = denying({ kind: 'contains', texts: [SELF_SIMILAR] }).evaluate(event({ q: LONG }))
    expect(message).toContain('too long to judge')
    const inElements = denying(matcher('q[*]', { op: 'in', values: WORDS.map((word) => [word]) }))
    expect(inElements.evaluate(event({ q: times(30_000, () => ['a']) })).message).toContain('too long to judge')
  })
})

describe('a list of lists, objects and scalars', () => {
  const code = (values: ArgTest, q: unknown): string => denying(matcher('q', values)).evaluate(event({ q })).code

  test.each<[ArgTest & { readonly op: 'in' }, unknown, string | undefined]>([
    [{ op: 'in', values: [[1], [2]] }, [2], YES],
    [{ op: 'in', values: [[1], [2]] }, [3], NO],
    [{ op: 'in', values: [[1], ['2']] }, [2], DOUBT],
    [{ op: 'in', values: [[1], 'x'] }, [1], YES],
    [{ op: 'in', values: [[1], 'x'] }, [2], DOUBT],
    [{ op: 'in', values: [[1], 'x'] }, 'y', DOUBT],
    [{ op: 'in', values: [[1], { a: 1 }] }, { a: 2 }, DOUBT],
    [{ op: 'in', values: [{ a: 1 }, { b: 1 }] }, { a: 2 }, NO],
    [{ op: 'in', values: [{ a: 1 }, { b: 1 }] }, new Date(0), DOUBT],
    [{ op: 'in', values: [null, null] }, null, YES],
    [{ op: 'in', values: [0, 1] }, -0, YES],
    [{ op: 'in', values: [true, false] }, 'true', DOUBT],
  ])('is-compared-exactly %#', (wanted, q, expected) => {
    expect(code(wanted, q)).toBe(expected)
    const opposite: Readonly<Record<string, string>> = { [YES]: NO, [NO]: YES, [DOUBT]: DOUBT }
    expect(code({ op: 'not_in', values: wanted.values }, q)).toBe(String(opposite[String(expected)]))
  })
})

/** Processor time: what else the machine does must not decide a test. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
