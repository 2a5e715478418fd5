import { describe, expect, test } from 'vitest'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'
import { loaded } from '../support/policy-findings.ts'

const NOW = 1_000_000_000

function event(args: unknown = {}, more: Partial<ActionEventInit> = {}): ActionEvent {
  const base = { id: 'e', at: 0, actor: 'agent', environment: 'prod', risk: 'low' } as const
  return ActionEvent.create({ ...base, resource: 'pay.high', action: 'run', args, ...more })
}

/** So much is used up of every counter, and every mark was set at this time. */
function state(used: string | undefined, at: number | 'never' | 'unknown' = 'never'): StateReadings {
  return { now: NOW, used: () => used, lastAllowedAt: () => (at === 'unknown' ? undefined : at) }
}

const limited = (limit: string, keys = ''): string => `{ id: r, capability: pay.run.high, limit: ${limit}${keys} }`
const DENIES = 'allow: [pay.run.high]\ndeny: '
const SUM = '{ sum: amount, max: 100.5, per: 24h, by: actor }'

async function policyOf(text: string): Promise<Policy> {
  return loaded(`version: 1\ntools: { transfer: { capability: pay.run.high, amount: "items[*].price" } }\n${text}`)
}

type Case = [what: string, limit: string, asked: ActionEvent, readings: StateReadings | undefined, exceeded: string]

describe('a limit', () => {
  const cases: Case[] = [
    ['less than all of it', SUM, event({ amount: 50 }), state('50'), 'no'],
    ['exactly all of it', SUM, event({ amount: '50.25' }), state('50.25'), 'no'],
    ['the least bit more', SUM, event({ amount: '50.25' }), state('50.2500000000000000001'), 'yes'],
    ['more than a double tells apart', SUM, event({ amount: '0.00000000000000000001' }), state('100.5'), 'yes'],
    ['an amount beyond it alone', SUM, event({ amount: 101 }), state('0'), 'yes'],
    ['no amount', SUM, event(), state('0'), 'unknown'],
    ['no amount but another text', SUM, event({ amount: '1,000' }), state('0'), 'unknown'],
    ['a negative amount', SUM, event({ amount: -5 }), state('0'), 'unknown'],
    ['an amount with too many digits', SUM, event({ amount: 1e300 }), state('0'), 'unknown'],
    ['no readings', SUM, event({ amount: 1 }), undefined, 'unknown'],
    ['a reading that nobody has', SUM, event({ amount: 1 }), state(undefined), 'unknown'],
    ['a reading that is no decimal', SUM, event({ amount: 1 }), state('1e1'), 'unknown'],
    ['a reading below zero', SUM, event({ amount: 1 }), state('-50'), 'unknown'],
    [
      'the total of bound amounts',
      SUM,
      event({ items: [{ price: 0.1 }, { price: '0.2' }, { price: 0.2 }] }, { tool: 'transfer' }),
      state('100'),
      'no',
    ],
    [
      'the total of bound amounts, a bit more',
      SUM,
      event({ items: [{ price: 0.1 }, { price: '0.2' }, { price: 0.21 }] }, { tool: 'transfer' }),
      state('100'),
      'yes',
    ],
    [
      'a bound amount that is missing',
      SUM,
      event({ amount: 1, items: [{ price: 1 }, {}] }, { tool: 'transfer' }),
      state('0'),
      'unknown',
    ],
    ['no element', SUM, event({ items: [] }, { tool: 'transfer' }), state('0'), 'unknown'],
    [
      'a path',
      '{ sum: "rows[*].n", max: 3, per: 1h, by: all }',
      event({ rows: [{ n: 1 }, { n: 2 }] }),
      state('0'),
      'no',
    ],
    [
      'a path, exceeded',
      '{ sum: "rows[*].n", max: 3, per: 1h, by: all }',
      event({ rows: [{ n: 1 }, { n: '2.1' }] }),
      state('0'),
      'yes',
    ],
    [
      'a path to another type',
      '{ sum: "rows[*].n", max: 3, per: 1h, by: all }',
      event({ rows: [{ n: 1 }, { n: true }] }),
      state('0'),
      'unknown',
    ],
    ['a count', '{ count: true, max: 3, per: 1h, by: all }', event(), state('2'), 'no'],
    ['a count, exceeded', '{ count: true, max: 3, per: 1h, by: all }', event(), state('3'), 'yes'],
    ['a count of none', '{ count: true, max: 0, per: 1h, by: actor }', event(), state('0'), 'yes'],
    [
      'a field that is missing',
      '{ count: true, max: 3, per: 1h, by: [actor, tenant] }',
      event(),
      state('0'),
      'unknown',
    ],
    [
      'fields that are there',
      '{ count: true, max: 3, per: 1h, by: [actor, tenant] }',
      event({}, { tenant: 't' }),
      state('0'),
      'no',
    ],
  ]

  test.each(cases)('in-allow-holds-up-to-its-max: %s', async (...[, limit, asked, readings, exceeded]) => {
    const policy = await policyOf(`allow: [${limited(limit)}]`)
    const expected = { no: 'policy_allow', yes: 'limit_exhausted', unknown: 'policy_default' }[exceeded]
    expect(policy.evaluate(asked, readings).code).toBe(expected)
  })

  test.each(cases)('in-deny-fires-beyond-its-max: %s', async (...[, limit, asked, readings, exceeded]) => {
    const policy = await policyOf(`${DENIES}[${limited(limit)}]`)
    const expected = { no: 'policy_allow', yes: 'policy_deny', unknown: 'policy_deny_unknown' }[exceeded]
    expect(policy.evaluate(asked, readings).code).toBe(expected)
  })

  test.each(cases)('in-require-approval-asks-beyond-its-max: %s', async (...[, limit, asked, readings, exceeded]) => {
    const policy = await policyOf(`allow: [pay.run.high]\nrequire_approval: [${limited(limit)}]`)
    const expected = { no: 'policy_allow', yes: 'policy_ask', unknown: 'policy_ask_unknown' }[exceeded]
    expect(policy.evaluate(asked, readings).code).toBe(expected)
  })

  test('that-is-used-up-is-told-with-its-rule-and-bound-and-nothing-else', async () => {
    const policy = await policyOf(`allow: [{ id: small-payments, capability: pay.run.high, limit: ${SUM} }]`)
    expect(policy.evaluate(event({ amount: 77 }), state('88'))).toEqual({
      decision: 'deny',
      code: 'limit_exhausted',
      rule: 'small-payments',
      rules: ['small-payments'],
      observed: [],
      message: 'limit of rule `small-payments` is used up: at most 100.5 per 24h by actor',
      enforced: true,
    })
  })

  test.each([
    ['all', 'at most 3 per 1h, all together'],
    ['[tool, actor]', 'at most 3 per 1h by actor and tool'],
    ['[user_role, tool, actor]', 'at most 3 per 1h by actor, tool and user_role'],
  ])('says-what-it-counts-by: %s', async (by, text) => {
    const policy = await policyOf(`allow: [${limited(`{ count: true, max: 3, per: 60m, by: ${by} }`)}]`)
    const asked = event({}, { tool: 't', userRole: 'u' })
    expect(policy.evaluate(asked, state('3')).message).toContain(text)
  })

  test.each([
    ['another allow holds', 'pay.run.high', '', 'policy_allow'],
    ['another condition is false', undefined, ', actor: other', 'policy_default'],
    ['another condition is unknown', undefined, ', session: s', 'policy_default'],
    ['another allow is unknown', '{ capability: pay.run.high, session: s }', '', 'limit_exhausted'],
  ])('is-what-denied-only-where-the-rule-would-have-allowed: %s', async (...[, other, keys, code]) => {
    const rules = [limited(SUM, keys), ...(other === undefined ? [] : [other])]
    const policy = await policyOf(`allow: [${rules.join(', ')}]`)
    expect(policy.evaluate(event({ amount: 200 }), state('0')).code).toBe(code)
  })

  test('is-beaten-by-what-is-stricter-and-names-every-rule-that-is-used-up', async () => {
    const two = `allow: [${limited(SUM)}, { id: a, capability: pay.run.high, limit: { count: true, max: 0, per: 1s, by: all } }]`
    const asked = event({ amount: 200 })
    expect((await policyOf(two)).evaluate(asked, state('0'))).toMatchObject({ rule: 'a', rules: ['a', 'r'] })
    expect((await policyOf(`${two}\nrequire_approval: [pay]`)).evaluate(asked, state('0')).code).toBe('policy_ask')
    expect((await policyOf(`${two}\ndeny: [pay]`)).evaluate(asked, state('0')).code).toBe('policy_deny')
  })
})

describe('what an event is charged to', () => {
  const charged = async (text: string, asked: ActionEvent, readings = state('0')): Promise<unknown> =>
    (await policyOf(text)).chargesOf(asked, readings).map(({ rule, charge, max, perMs }) => [rule, charge, max, perMs])

  test('is-every-matching-limit-of-any-list-also-one-that-observes', async () => {
    const rule = (id: string, more = ''): string =>
      `{ id: ${id}, capability: "pay.run.*", limit: { count: true, max: 3, per: 1h, by: all }${more} }`
    const text = `allow: [${rule('a')}, ${limited(SUM)}]\ndeny: [${rule('d')}]\nrequire_approval: [${rule('q')}, ${rule('o', ', mode: observe')}]`
    expect(await charged(text, event({ amount: '12.50' }))).toEqual([
      ['a', '1', '3', 3_600_000],
      ['d', '1', '3', 3_600_000],
      ['o', '1', '3', 3_600_000],
      ['q', '1', '3', 3_600_000],
      ['r', '12.5', '100.5', 86_400_000],
    ])
    expect(await charged(text, event({}, { action: 'other' }))).toEqual([])
  })

  test.each([
    ['false', ', actor: other', 0],
    ['true', ', actor: agent', 1],
    ['unknown', ', session: s', 1],
  ])('leaves-out-rules-that-are-false-but-for-the-limit: %s', async (_, keys, count) => {
    expect(await charged(`allow: [${limited(SUM, keys)}]`, event({ amount: 1 }))).toHaveLength(count)
    expect(await charged(`deny: [${limited(SUM, keys)}]`, event({ amount: 1 }))).toHaveLength(count)
  })

  test('leaves-out-what-nobody-can-say', async () => {
    expect(await charged(`allow: [${limited(SUM)}]`, event({ amount: 'x' }))).toEqual([])
    const byTenant = limited('{ count: true, max: 3, per: 1h, by: tenant }')
    expect(await charged(`allow: [${byTenant}]`, event())).toEqual([])
  })

  test('depends-on-what-was-allowed-before', async () => {
    const after = ', after: { capability: mail.read.inbox, within: 1h, by: all }'
    const text = `allow: [${limited(SUM, after)}, mail.read.inbox]`
    expect(await charged(text, event({ amount: 1 }), state('0', 'never'))).toEqual([])
    expect(await charged(text, event({ amount: 1 }), state('0', 'unknown'))).toHaveLength(1)
    expect(await charged(text, event({ amount: 1 }), state('0', NOW))).toHaveLength(1)
  })
})

describe('after', () => {
  const AFTER = '{ capability: mail.read, within: 1h, by: session }'
  const NARROW = '{ capability: mail.read.inbox, within: 1h, by: session }'
  const inSession = event({}, { session: 's' })
  const HOUR = 3_600_000

  type Asked = [what: string, readings: StateReadings | undefined, stops: string, allows: string]
  test.each<Asked>([
    ['never', state('0', 'never'), 'false', 'false'],
    ['now', state('0', NOW), 'true', 'true'],
    ['just long enough ago', state('0', NOW - HOUR), 'true', 'true'],
    ['too long ago', state('0', NOW - HOUR - 1), 'false', 'false'],
    ['in the future', state('0', NOW + 1), 'true', 'unknown'],
    ['nobody knows', state('0', 'unknown'), 'unknown', 'unknown'],
    ['no number', state('0', Number.NaN), 'unknown', 'unknown'],
    ['no readings', undefined, 'unknown', 'unknown'],
  ])('is-true-where-an-action-was-allowed-within-its-window: %s', async (...[, readings, stops, allows]) => {
    const code = async (text: string, asked = inSession): Promise<string> =>
      (await policyOf(text)).evaluate(asked, readings).code
    const inDeny = { true: 'policy_deny', unknown: 'policy_deny_unknown', false: 'policy_allow' }[stops]
    expect(await code(`allow: [pay.run.high]\ndeny: [{ capability: pay, after: ${AFTER} }]`)).toBe(inDeny)
    const inAllow = { true: 'policy_allow', unknown: 'policy_default', false: 'policy_default' }[allows]
    expect(await code(`allow: [{ capability: pay.run.high, after: ${NARROW} }]`)).toBe(inAllow)
    // In `unless` the two swap.
    const unless = { true: 'policy_allow', unknown: 'policy_deny_unknown', false: 'policy_deny' }[allows]
    const doubt = `allow: [pay.run.high]\ndeny: [{ capability: pay, unless: { after: ${NARROW} } }]`
    expect(await code(doubt)).toBe(unless)
    const unlessAllow = { true: 'policy_default', unknown: 'policy_default', false: 'policy_allow' }[stops]
    expect(await code(`allow: [{ capability: pay.run.high, unless: { after: ${AFTER} } }]`)).toBe(unlessAllow)
    // Without the field, nobody knows.
    expect(await code(doubt, event())).toBe('policy_deny_unknown')
  })

  test('is-true-for-some-of-its-patterns', async () => {
    const policy = await policyOf(
      'allow: [pay.run.high]\ndeny: [{ capability: pay, after: { capability: [mail.read, web], within: 1h, by: all } }]',
    )
    const marks = policy.stateOf(event())?.afters.map(({ mark }) => mark) ?? []
    expect(marks).toHaveLength(2)
    const only = (mark: string | undefined, other: 'never' | undefined): StateReadings => ({
      ...state('0'),
      lastAllowedAt: (term) => (term.mark === mark ? NOW : other),
    })
    for (const mark of marks) expect(policy.evaluate(event(), only(mark, undefined)).code).toBe('policy_deny')
    expect(policy.evaluate(event(), only(undefined, 'never')).code).toBe('policy_allow')
    expect(policy.evaluate(event(), only(undefined, undefined)).code).toBe('policy_deny_unknown')
  })
})

describe('the state of an event', () => {
  const READ = { resource: 'mail.inbox', action: 'read' }

  test('is-nothing-where-no-rule-rests-on-any', async () => {
    const policy = await policyOf(`allow: [pay.run.high, ${limited(SUM).replace('pay.run.high', 'a.b.c')}]`)
    expect(policy.stateOf(event())).toBeUndefined()
    expect(policy.chargesOf(event(), state('0'))).toEqual([])
    expect(policy.markKinds).toEqual([])
    expect(policy.marksOf(event())).toEqual([])
  })

  test('holds-marks-that-an-earlier-action-sets-and-a-later-one-looks-for', async () => {
    const after = (by: string): string => `{ capability: pay, after: { capability: mail.read, within: 1h, by: ${by} } }`
    const policy = await policyOf(
      `allow: [mail.read.inbox, pay.run.high]\ndeny: [${after('session')}]\nrequire_approval: [${after('all')}]`,
    )
    expect(policy.markKinds).toHaveLength(2)
    const read = event({}, { ...READ, session: 's' })
    const set = policy.stateOf(read)?.triggers ?? []
    const looked = (more: Partial<ActionEventInit>): readonly string[] =>
      policy.stateOf(event({}, more))?.afters.map(({ mark }) => mark) ?? []
    expect(set).toHaveLength(2)
    expect(looked({ session: 's' }).toSorted()).toEqual(set.toSorted())
    expect(looked({ session: 'other' }).filter((mark) => set.includes(mark))).toHaveLength(1)
    expect(looked({})).toHaveLength(1)
    expect(policy.stateOf(event({}, READ))?.triggers).toHaveLength(1)
    // From the trail, the same.
    const marks = policy.marksOf(read)
    expect(marks.map(({ mark }) => mark).toSorted()).toEqual(set.toSorted())
    expect(marks.map(({ kind }) => kind).toSorted()).toEqual(policy.markKinds.map(({ id }) => id).toSorted())
    expect(policy.marksOf({ capability: 'mail.send.x', actor: 'a', environment: 'e' })).toEqual([])
  })

  test('counts-together-what-is-alike-in-its-fields-and-nothing-else', async () => {
    const counter = async (by: string, more: Partial<ActionEventInit>, rule = 'r'): Promise<string | undefined> => {
      const text = `allow: [${limited(`{ count: true, max: 3, per: 1h, by: ${by} }`).replace('id: r', `id: ${rule}`)}]`
      return (await policyOf(text)).stateOf(event({}, more))?.limits[0]?.counter
    }
    const one = await counter('[actor, tenant]', { tenant: 't' })
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(await counter('[tenant, actor]', { tenant: 't', session: 'x', args: { a: 1 } })).toBe(one)
    const others = [
      await counter('[actor, tenant]', { tenant: 'u' }),
      await counter('[actor, tenant]', { tenant: 't', actor: 'other' }),
      await counter('[actor, tenant]', { tenant: 't' }, 'q'),
      await counter('actor', { tenant: 't' }),
      await counter('all', { tenant: 't' }),
      await counter('[actor, session]', { session: 't' }),
    ]
    expect(new Set([one, ...others]).size).toBe(7)
    expect(await counter('tenant', {})).toBeUndefined()
  })

  test('tells-a-limit-whose-charge-nobody-knows', async () => {
    const policy = await policyOf(`allow: [${limited(SUM)}]`)
    expect(policy.stateOf(event({ amount: 'x' }))?.limits).toMatchObject([{ rule: 'r', charge: undefined }])
    expect(policy.stateOf(event({ amount: '07.50' }))?.limits).toMatchObject([{ rule: 'r', charge: '7.5' }])
  })

  test('keeps-the-longest-window-of-one-mark', async () => {
    const after = (within: string): string =>
      `{ capability: pay, after: { capability: mail.read, within: ${within}, by: all } }`
    const policy = await policyOf(`allow: [pay.run.high, mail.read.inbox]\ndeny: [${after('1h')}, ${after('2h')}]`)
    expect(policy.markKinds).toMatchObject([{ withinMs: 7_200_000 }])
    expect(policy.stateOf(event())?.afters).toMatchObject([{ withinMs: 7_200_000 }])
    const long = state('0', NOW - 5_000_000)
    expect(policy.evaluate(event(), long)).toMatchObject({ code: 'policy_deny', rules: ['deny[1]'] })
  })
})

describe('what is told of state', () => {
  test.each([
    ['used up', event({ amount: 200 }), state('0'), 'the limit of at most 100.5 per 24h by actor is used up'],
    ['not used up', event({ amount: 2 }), state('0'), 'the limit of at most 100.5 per 24h by actor is not used up'],
    ['no readings', event({ amount: 2 }), undefined, 'nobody can say how much of the limit'],
    ['no amount', event(), state('0'), '`args.amount` is missing'],
    ['another amount', event({ amount: '$5' }), state('0'), '`args.amount` is not an amount'],
    ['too many digits', event({ amount: 1e300 }), state('0'), '`args.amount` adds up to too many digits'],
  ])('of-a-limit: %s', async (...[, asked, readings, why]) => {
    for (const list of ['allow', 'deny']) {
      const policy = await policyOf(`${list}: [${limited(SUM)}]`)
      const [finding] = policy.explain(asked, readings).rules
      expect(finding?.conditions).toEqual([
        { condition: 'limit', truth: finding?.truth, why: expect.stringContaining(why) as string },
      ])
    }
  })

  test.each([
    ['true', event(), state('0', NOW), 'an action of `mail.read.*` was allowed within 1h'],
    ['false', event(), state('0', 'never'), 'no action of `mail.read.*` was allowed within 1h'],
    ['unknown', event(), undefined, 'nobody can say whether an action of `mail.read.*` was allowed within 1h'],
  ])('of-an-after: %s', async (...[, asked, readings, why]) => {
    const policy = await policyOf('deny: [{ capability: pay, after: { capability: mail.read, within: 1h, by: all } }]')
    expect(policy.explain(asked, readings).rules[0]?.conditions[0]?.why).toBe(why)
  })

  test('of-a-field-that-is-missing', async () => {
    const policy = await policyOf(
      'deny: [{ id: a, capability: pay, after: { capability: mail.read, within: 1h, by: session } }, { id: l, capability: pay, limit: { count: true, max: 1, per: 1h, by: tenant } }]',
    )
    const [after, limit] = policy.explain(event(), state('0')).rules
    expect(after?.conditions[0]?.why).toContain('`session` is missing')
    expect(limit?.conditions[0]?.why).toContain('`tenant` is missing')
    expect(policy.evaluate(event(), state('0')).message).toContain('`after` is unknown, for `session` is missing')
  })
})

describe('beside a sealed base', () => {
  const base = {
    'base.yaml': `version: 1\nsealed: true\nallow: [{ id: small, capability: pay.run.high, limit: ${SUM} }]`,
  }
  const above = 'version: 1\nextends: [base.yaml]\nrequire_approval: [pay]'

  test('an-added-question-is-asked-only-while-the-base-still-allows', async () => {
    const policy = await loaded(above, base)
    expect(policy.evaluate(event({ amount: 1 }), state('0')).code).toBe('policy_ask')
    expect(policy.evaluate(event({ amount: 1 }), state('100.5')).code).toBe('limit_exhausted')
    expect(policy.explain(event({ amount: 1 }), state('100.5')).ruling.code).toBe('limit_exhausted')
    expect(policy.evaluate(event({ amount: 1 })).code).toBe('policy_default')
    expect(policy.chargesOf(event({ amount: 1 }), state('0'))).toHaveLength(1)
    expect(policy.stateOf(event({ amount: 1 }))?.limits).toHaveLength(1)
    expect(policy.argsHold(event(), null)).toBe(true)
    expect(policy.maxGrantMs).toBe(86_400_000)
  })
})
