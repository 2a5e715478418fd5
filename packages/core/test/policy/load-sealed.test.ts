import { array, assert, asyncProperty, constantFrom, option, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { errorsOf, loaded } from '../support/policy-findings.ts'
import { VKEY_A } from '../support/vkeys.ts'

const BASE = 'version: 1\nsealed: true\ndeny: [a.delete]\nrequire_approval: [a.pay]\nallow: [a.read.x, a.pay.x]\n'

describe('what stands beside a sealed base', () => {
  test.each([
    ['allow', 'allow: [b.c.d]'],
    ['tools', 'tools: { t: { capability: a.read.x } }'],
    ['approvers', `approvers: { alice: "${VKEY_A}" }`],
    ['approvals', 'approvals: { max_pending: 5 }'],
    ['mode: observe', 'mode: observe'],
  ])('refuses-at-its-place: %s', async (_, text) => {
    const others = { 'sealed.yaml': BASE, 'middle.yaml': `version: 1\nextends: [sealed.yaml]\ndeny: [q]` }
    const extending = (file: string): string => `version: 1\nextends: [${file}]\n${text}`
    const refused = [expect.stringMatching(/^3:1 .*sealed `sealed.yaml`/)]
    expect(await errorsOf(extending('sealed.yaml'), others)).toEqual(refused)
    expect(await errorsOf(extending('middle.yaml'), others)).toEqual(refused)
    // Nor may a sibling bring it in.
    const sibling = { ...others, 'sibling.yaml': `version: 1\n${text}` }
    expect(await errorsOf('version: 1\nextends: [sealed.yaml, sibling.yaml]', sibling)).toEqual([
      expect.stringMatching(/^sibling.yaml 2:1 .*sealed/),
    ])
  })

  test('takes-denials-questions-and-enforcement', async () => {
    const policy = 'version: 1\nextends: [sealed.yaml]\nmode: enforce\ndeny: [a.read.y]\nrequire_approval: [a.read.x]'
    expect(await errorsOf(policy, { 'sealed.yaml': BASE })).toEqual([])
  })

  test('leaves-the-sealed-file-and-what-it-extends-themselves-free', async () => {
    const others = { 'open.yaml': 'version: 1\nallow: [a.b.c]\ntools: { t: { capability: a.b.c } }' }
    expect(await errorsOf('version: 1\nsealed: true\nextends: [open.yaml]\nallow: [x.y.z]', others)).toEqual([])
  })

  test('holds-two-sealed-bases-against-each-other', async () => {
    const errors = await errorsOf('version: 1\nextends: [one.yaml, two.yaml]', {
      'one.yaml': 'version: 1\nsealed: true\nallow: [a.b.c]',
      'two.yaml': 'version: 1\nsealed: true\nallow: [x.y.z]',
    })
    expect(errors).toEqual([expect.stringMatching(/^one.yaml 3:1 /), expect.stringMatching(/^two.yaml 3:1 /)])
  })

  test('never-turns-a-denial-by-default-into-a-question', async () => {
    const base = await loaded(BASE)
    const rules = 'deny: [{ capability: c, amount_gt: 1, unknown: ask }]\nrequire_approval: [b.c.d, a.read.x]'
    const extended = await loaded(`version: 1\nextends: [sealed.yaml]\n${rules}`, { 'sealed.yaml': BASE })
    const open = await loaded(`version: 1\nextends: [open.yaml]\n${rules}`, {
      'open.yaml': BASE.replace('sealed: true\n', ''),
    })
    const event = eventOf({ resource: 'b', action: 'c', scope: 'd', actor: 'x', amount: null })
    const unknown = eventOf({ resource: 'c', action: 'c', scope: 'd', actor: 'x', amount: null })
    for (const asked of [event, unknown]) {
      expect(extended.evaluate(asked)).toMatchObject({ decision: 'deny', code: 'policy_default' })
      expect(extended.evaluate(asked)).toEqual(extended.explain(asked).ruling)
      expect(extended.evaluate(asked).decision).toBe(base.evaluate(asked).decision)
      expect(open.evaluate(asked).decision).toBe('require_approval')
    }
    const read = eventOf({ resource: 'a', action: 'read', scope: 'x', actor: 'x', amount: null })
    expect(extended.evaluate(read)).toMatchObject({ decision: 'require_approval', rule: 'require_approval[1]' })
  })
})

interface Asked {
  readonly resource: string
  readonly action: string
  readonly scope: string
  readonly actor: string
  readonly amount: number | string | null
}

function eventOf({ amount, ...asked }: Asked): ActionEvent {
  const args = amount === null ? {} : { amount }
  return ActionEvent.create({ ...asked, environment: 'production', risk: 'low', id: 'x', at: 0, args })
}

const RANK = { allow: 0, require_approval: 1, deny: 2 } as const

/** The rules whose approval an action needs; what is allowed needs none. */
function asking(policy: Policy, event: ActionEvent): readonly string[] {
  const ruling = policy.evaluate(event)
  return ruling.decision === 'require_approval' ? ruling.asking.map(({ rule }) => rule) : []
}

describe('a sealed base', () => {
  const conditions = [
    '',
    ', actor: x',
    ', amount_gt: 10',
    ', amount_lte: 10',
    ', unless: { actor: y }',
    ', unless: { amount_lt: 5 }',
    ', args: { amount: { present: true } }',
    ', mode: observe',
  ]
  const wide = ['a', 'a.read', 'a.*.x', 'b.write.y', '"*"']
  const narrow = ['a.read.x', 'a.write.*', 'b.write.y', '"*.*.*"']
  const rule = (patterns: readonly string[]) =>
    record({
      capability: constantFrom(...patterns),
      more: constantFrom(...conditions),
      unknown: constantFrom('', ', unknown: ask'),
    })
  const section = (name: string, patterns: readonly string[]) =>
    option(array(rule(patterns), { minLength: 1, maxLength: 3 }), { nil: [] }).map((rules) =>
      rules.length === 0
        ? ''
        : `${name}:\n${rules.map(({ capability, more, unknown }) => `  - { capability: ${capability}${more}${name === 'deny' ? unknown : ''} }\n`).join('')}`,
    )
  const stops = record({ deny: section('deny', wide), ask: section('require_approval', wide) }).map(
    ({ deny, ask }) => deny + ask,
  )
  const asked = record({
    resource: constantFrom('a', 'b'),
    action: constantFrom('read', 'write'),
    scope: constantFrom('x', 'y'),
    actor: constantFrom('x', 'y'),
    amount: constantFrom(3, 10, 20, 'many', null),
  })

  test('is-never-loosened-by-what-may-be-added-to-it', { timeout: 60_000 }, async () => {
    const property = asyncProperty(
      stops,
      section('allow', narrow),
      stops,
      array(asked, { minLength: 8, maxLength: 8 }),
      async (...[own, allow, added, events]) => {
        const sealed = `version: 1\nsealed: true\n${own}${allow}`
        const base = await loaded('version: 1\nextends: [sealed.yaml]', { 'sealed.yaml': sealed })
        const extended = await loaded(`version: 1\nextends: [sealed.yaml]\n${added}`, { 'sealed.yaml': sealed })
        for (const event of events.map(eventOf)) {
          const [before, after] = [base.evaluate(event), extended.evaluate(event)]
          expect(RANK[after.decision]).toBeGreaterThanOrEqual(RANK[before.decision])
          // What is asked is asked of everybody who was asked before.
          if (after.decision === 'require_approval')
            expect(asking(extended, event)).toEqual(expect.arrayContaining([...asking(base, event)]))
        }
      },
    )
    await assert(property, { numRuns: 150 })
  })
})
