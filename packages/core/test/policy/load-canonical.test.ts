import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import type { CapabilityPattern } from '../../src/action/pattern.ts'
import { sha256Hex } from '../../src/kernel/digest.ts'
import { machine } from '../../src/kernel/ports.ts'
import { loadPolicy } from '../../src/policy/load/load-policy.ts'
import type { Condition, Limit, PolicyModel, Rule } from '../../src/policy/model.ts'
import { compileSealed } from '../../src/policy/sealed-policy.ts'
import type { StateReadings } from '../../src/policy/state-terms.ts'
import { modelOfCanonical } from '../support/canonical-model.ts'
import { loaded } from '../support/policy-findings.ts'
import { scratchFolder } from '../support/scratch.ts'
import { VKEY_A, VKEY_B } from '../support/vkeys.ts'

const RULE = '{ id: r, capability: a.b.c, amount_gt: 1.0, reason: why }'
const POLICY = `version: 1
tools: { t: { capability: a.b.c, path: p, root: /w } }
approvers: { alice: "${VKEY_A}" }
approvals: { max_pending: 7 }
deny: [${RULE}]
`

const state = (used: string, at: number | 'never'): StateReadings => ({
  now: 1000,
  used: () => used,
  lastAllowedAt: () => at,
})

// What is said of state, beside what `modelOfCanonical` reads.
function modelOf(canonical: string): PolicyModel {
  const model = modelOfCanonical(canonical)
  const { max_grant_ms: maxGrantMs } = JSON.parse(canonical) as { readonly max_grant_ms: number }
  return { ...model, maxGrantMs, rules: model.rules.map(withState) }
}

function withState(rule: Rule): Rule {
  const limit = rule.limit as unknown as { readonly per_ms: number } & Limit // as the canonical text has it
  const conditions = rule.conditions.map(conditionOf)
  return { ...rule, conditions, ...(rule.limit === undefined ? {} : { limit: { ...limit, perMs: limit.per_ms } }) }
}

function conditionOf(condition: Condition): Condition {
  if (condition.kind === 'unless') return { ...condition, conditions: condition.conditions.map(conditionOf) }
  if (condition.kind !== 'after') return condition
  const written = condition as unknown as { readonly within_ms: number; readonly capability: CapabilityPattern[] }
  return { kind: 'after', patterns: written.capability, withinMs: written.within_ms, by: condition.by }
}

const LIMIT = 'limit: { count: true, max: 5, per: 1h, by: all }'
const AFTER = 'after: { capability: b.c, within: 1h, by: all }'

describe('the canonical text', () => {
  test('is-what-the-digest-is-of', async () => {
    const policy = await loaded(POLICY)
    expect(policy.digest).toBe(sha256Hex(policy.canonical))
    expect(JSON.parse(policy.canonical)).toEqual({
      v: 1,
      mode: 'enforce',
      tools: { t: { capability: 'a.b.c', path: ['p'], root: '/w' } },
      approvers: { alice: VKEY_A },
      max_pending: 7,
      max_grant_ms: 86_400_000,
      rules: [
        {
          id: 'r',
          effect: 'deny',
          capability: ['a.b.c'],
          conditions: [{ kind: 'amount', op: 'gt', value: '1.0' }],
          mode: 'enforce',
          unknown: 'deny',
          reason: 'why',
          approval: { expires_in_ms: 600_000, quorum: 1, approvers: [] },
          only_tightens: false,
        },
      ],
    })
  })

  test('has-limits-and-what-was-allowed-before-in-full', async () => {
    const text = `version: 1
approvals: { max_grant: 90m }
deny: [{ id: r, capability: a, limit: { sum: "x[*].y", max: 1.50, per: 24h, by: [tool, actor] }, after: { capability: [b, c.d], within: 1h, by: all } }]
allow: [{ id: s, capability: a.b.c, limit: { count: true, max: 3, per: 1s, by: all } }]`
    const canonical = JSON.parse((await loaded(text)).canonical) as object
    expect(canonical).toMatchObject({
      max_grant_ms: 5_400_000,
      rules: [
        {
          conditions: [{ kind: 'after', capability: ['b.*.*', 'c.d.*'], within_ms: 3_600_000, by: 'all' }],
          limit: { sum: 'x[*].y', max: '1.50', per_ms: 86_400_000, by: ['actor', 'tool'] },
        },
        { conditions: [], limit: { sum: null, max: '3', per_ms: 1000, by: [] } },
      ],
    })
  })

  test.each([
    ['the mode', POLICY.replace('version: 1', 'version: 1\nmode: observe')],
    ['a tool', POLICY.replace('{ t:', '{ u:')],
    ['a binding', POLICY.replace('/w', '/v')],
    ['an approver', POLICY.replace('alice:', 'bob:')],
    ["an approver's key", POLICY.replace(VKEY_A, VKEY_B)],
    ['the bound of requests', POLICY.replace('max_pending: 7', 'max_pending: 8')],
    ['the bound of grants', POLICY.replace('max_pending: 7', 'max_pending: 7, max_grant: 1h')],
    ['a limit', POLICY.replace('amount_gt: 1.0', LIMIT)],
    ["a limit's max", POLICY.replace('amount_gt: 1.0', LIMIT.replace('max: 5', 'max: 6'))],
    ["a limit's window", POLICY.replace('amount_gt: 1.0', LIMIT.replace('1h', '2h'))],
    ["a limit's fields", POLICY.replace('amount_gt: 1.0', LIMIT.replace('all', 'actor'))],
    ['what a limit adds up', POLICY.replace('amount_gt: 1.0', LIMIT.replace('count: true', 'sum: amount'))],
    ['an after', POLICY.replace('amount_gt: 1.0', AFTER)],
    ["an after's pattern", POLICY.replace('amount_gt: 1.0', AFTER.replace('b.c', 'b.d'))],
    ["an after's window", POLICY.replace('amount_gt: 1.0', AFTER.replace('1h', '2h'))],
    ["an after's field", POLICY.replace('amount_gt: 1.0', AFTER.replace('all', 'actor'))],
    ['an id', POLICY.replace('id: r', 'id: s')],
    ['an effect', POLICY.replace('deny:', 'require_approval:')],
    ['a pattern', POLICY.replace('capability: a.b.c, amount', 'capability: a.b.d, amount')],
    ['a bound', POLICY.replace('1.0', '1.01')],
    ['an operator', POLICY.replace('amount_gt', 'amount_gte')],
    ['a condition', POLICY.replace('amount_gt: 1.0', 'actor: x')],
    ['a path into args', POLICY.replace('amount_gt: 1.0', 'args: { "a.b": 1 }')],
    ['unless', POLICY.replace('amount_gt: 1.0', 'unless: { amount_gt: 1.0 }')],
    ["a rule's mode", POLICY.replace('id: r', 'id: r, mode: observe')],
    ['what unknown does', POLICY.replace('id: r', 'id: r, unknown: ask')],
    ['terms', POLICY.replace('id: r', 'id: r, unknown: ask, approval: { quorum: 2 }')],
    ['a reason', POLICY.replace('why', 'because')],
  ])('differs-where-a-ruling-could: %s', async (_, other) => {
    expect(other).not.toBe(POLICY)
    const { digest } = await loaded(other)
    for (const text of [POLICY, POLICY.replace('amount_gt: 1.0', LIMIT), POLICY.replace('amount_gt: 1.0', AFTER)]) {
      if (text !== other) expect(digest).not.toBe((await loaded(text)).digest)
    }
  })

  test.each([
    ['comments and layout', POLICY.replace('deny: [', '# a comment\ndeny:\n  [ ')],
    ['the order of keys', `${POLICY.replace('version: 1\n', '')}version: 1\n`],
    [
      'the order of conditions',
      POLICY.replace('id: r, capability: a.b.c, amount_gt: 1.0', 'amount_gt: 1.0, capability: a.b.c, id: r'),
    ],
    ['a list of one', POLICY.replace('capability: a.b.c, amount', 'capability: [A.b.c], amount')],
    ['examples', POLICY.replace('id: r', 'id: r, examples: { match: [{ args: { amount: 2 } }] }')],
  ])('is-the-same-whatever: %s', async (_, other) => {
    expect(other).not.toBe(POLICY)
    expect((await loaded(other)).canonical).toBe((await loaded(POLICY)).canonical)
  })

  test('does-not-depend-on-the-order-of-rules-that-have-ids-nor-on-which-file-holds-them', async () => {
    const one = '{ id: one, capability: a }'
    const two = '{ id: two, capability: b }'
    const { canonical } = await loaded(`version: 1\ndeny: [${one}, ${two}]`)
    expect((await loaded(`version: 1\ndeny: [${two}, ${one}]`)).canonical).toBe(canonical)
    const base = { 'base.yaml': `version: 1\ndeny: [${one}]` }
    expect((await loaded(`version: 1\nextends: [base.yaml]\ndeny: [${two}]`, base)).canonical).toBe(canonical)
  })

  test('holds-no-path-of-the-machine', async () => {
    const texts = await Promise.all(
      ['here', 'there'].map(async (name) => {
        const folder = join(scratchFolder(), name)
        mkdirSync(folder)
        writeFileSync(join(folder, 'base.yaml'), 'version: 1\ndeny: [a]')
        writeFileSync(join(folder, 'p.yaml'), 'version: 1\nextends: [./base.yaml]\nallow: [a.b.c]')
        return (await loadPolicy(join(folder, 'p.yaml'), machine().files)).canonical
      }),
    )
    expect(texts[0]).toBe(texts[1])
    expect(texts[0]).toContain('"base.yaml:deny[0]"')
  })

  test('marks-what-was-added-to-a-sealed-base-for-it-rules-otherwise', async () => {
    const open = 'version: 1\nallow: [a.b.c]'
    const added = 'version: 1\nextends: [base.yaml]\nrequire_approval: [x]'
    const sealed = await loaded(added, { 'base.yaml': `${open}\nsealed: true` })
    const unsealed = await loaded(added, { 'base.yaml': open })
    expect(sealed.digest).not.toBe(unsealed.digest)
    const event = ActionEvent.create({ actor: 'a', resource: 'x', action: 'y', environment: 'e', risk: 'low' })
    expect([sealed, unsealed].map((policy) => policy.evaluate(event).decision)).toEqual(['deny', 'require_approval'])
  })

  test('is-enough-to-judge-again-as-the-policy-did', async () => {
    const text = `version: 1
extends: [sealed.yaml]
deny:
  - { id: few, capability: a.pay, limit: { sum: amount, max: 6000.5, per: 24h, by: [actor, tool] } }
  - { capability: a, args: { "x[*].y": { gt: 1.50, type: number }, z: [1, null] }, unknown: ask, approval: { quorum: 2 } }
  - { capability: a.read, contains: [rm, "del"], risk_at_least: high, mode: observe }
require_approval:
  - { capability: q, caller_depth_gte: 1 }
  - { capability: a.read, after: { capability: [q, r.s], within: 1h, by: actor }, unless: { after: { capability: x.y.z, within: 1m, by: all } } }
  - { capability: "*.pay", amount_gte: "1000.10", unless: { actor: root, unless: { environment: [eu, us] } }, reason: money }`
    const sealed = `version: 1
sealed: true
tools: { pay: { capability: a.pay.x, amount: total } }
approvers: { alice: "${VKEY_A}" }
approvals: { max_grant: 3h }
allow: [a.read.x, { capability: a.pay.x, args_only: [total], args: { total: { present: true } } }]`
    const policy = await loaded(text, { 'sealed.yaml': sealed })
    const again = compileSealed(modelOf(policy.canonical), policy.canonical)
    const event = {
      actor: 'agent',
      resource: 'a',
      action: 'pay',
      scope: 'x',
      environment: 'prod',
      risk: 'high',
      id: 'x',
      at: 0,
    } as const
    const events = [
      event,
      { ...event, tool: 'pay', args: { total: 1000.1 } },
      { ...event, tool: 'pay', args: { total: '1000.09' } },
      { ...event, tool: 'pay', args: { total: 5000 }, actor: 'root', environment: 'eu' },
      { ...event, args: { x: [{ y: 2 }], z: 1 } },
      { ...event, action: 'read', args: { command: 'RM x' } },
      { ...event, resource: 'q', callerDepth: 1 },
    ].map((init) => ActionEvent.create(init))
    const states = [undefined, state('0', 'never'), state('1000.5', 999), state('6000.5', 0)]
    const rulings = states.flatMap((each) => events.map((asked) => policy.evaluate(asked, each)))
    expect(states.flatMap((each) => events.map((asked) => again.evaluate(asked, each)))).toEqual(rulings)
    expect(events.map((asked) => again.stateOf(asked))).toEqual(events.map((asked) => policy.stateOf(asked)))
    expect(again.maxGrantMs).toBe(policy.maxGrantMs)
    expect(new Set(rulings.map(({ code }) => code)).size).toBeGreaterThan(3)
    expect(again).toMatchObject({ digest: policy.digest, mode: policy.mode, approvers: policy.approvers })
  })
})
