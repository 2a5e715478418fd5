import { describe, expect, test } from 'vitest'
import { ActionEvent, type ActionEventInit } from '../../src/action/action-event.ts'
import { checkPolicy } from '../../src/policy/load/load-policy.ts'
import type { PolicyModel } from '../../src/policy/model.ts'
import { memoryFiles } from '../support/memory-files.ts'
import { errorsOf, loaded, warningsOf } from '../support/policy-findings.ts'
import { VKEY_A, VKEY_B } from '../support/vkeys.ts'

type Texts = Readonly<Record<string, string>>

async function modelOf(policy: string, others: Texts = {}): Promise<PolicyModel> {
  const { model, errors } = await checkPolicy('policy.yaml', memoryFiles({ ...others, 'policy.yaml': policy }))
  if (model === undefined) throw new Error(errors.map(({ message }) => message).join('\n'))
  return model
}

function event(capability: string, init: Partial<ActionEventInit> = {}): ActionEvent {
  const [resource = '', action = '', scope = ''] = capability.split('.')
  return ActionEvent.create({
    actor: 'a',
    resource,
    action,
    scope,
    environment: 'production',
    risk: 'low',
    id: 'x',
    at: 0,
    ...init,
  })
}

describe('extends', () => {
  test('adds-the-rules-of-a-file-beside-the-extending-one-with-ids-of-their-file', async () => {
    const others = {
      'shared/base.yaml': 'version: 1\nextends: [../deep/base-of-base.yaml]\ndeny: [x, { capability: y, id: named }]',
      'deep/base-of-base.yaml': 'version: 1\nrequire_approval: [z]',
    }
    const model = await modelOf('version: 1\nextends: [shared/base.yaml]\nallow: [a.b.c]', others)
    expect(model.rules.map(({ id }) => id)).toEqual([
      'base-of-base.yaml:require_approval[0]',
      'base.yaml:deny[0]',
      'named',
      'allow[0]',
    ])
    expect(model.rules[1]?.source).toEqual({ file: 'shared/base.yaml', line: 3, column: 8 })
  })

  test('loads-a-diamond-once-also-through-a-link', async () => {
    const model = await modelOf('version: 1\nextends: [left.yaml, right.yaml, base.yaml]', {
      'left.yaml': 'version: 1\nextends: [base.yaml]\ndeny: [l]',
      'right.yaml': 'version: 1\nextends: [link.yaml]\ndeny: [r]',
      'link.yaml': '-> base.yaml',
      'base.yaml': 'version: 1\ndeny: [b]',
    })
    expect(model.rules.map(({ id }) => id)).toEqual(['base.yaml:deny[0]', 'left.yaml:deny[0]', 'right.yaml:deny[0]'])
  })

  test.each<[what: string, others: Texts, place: string, says: string]>([
    ['a missing file', {}, '2:11', 'no such file'],
    ['a cycle', { 'base.yaml': 'version: 1\nextends: [policy.yaml]' }, 'base.yaml 2:11', 'itself'],
    ['itself', { 'base.yaml': 'version: 1\nextends: [base.yaml]' }, 'base.yaml 2:11', 'itself'],
    ['a file that is too large', { 'base.yaml': `version: 1\n#${'x'.repeat(1_100_000)}` }, '2:11', 'larger'],
    ['a mistake in it', { 'base.yaml': 'version: 1\ndenny: [a]' }, 'base.yaml 2:1', 'deny'],
  ])('tells-with-its-place: %s', async (...[, others, place, says]) => {
    const errors = await errorsOf('version: 1\nextends: [base.yaml]', others)
    expect(errors).toEqual([expect.stringContaining(says)])
    expect(errors[0]?.startsWith(`${place} `)).toBe(true)
  })

  test('tells-what-is-wrong-in-every-file-at-once-and-follows-extends-beside-other-mistakes', async () => {
    const errors = await errorsOf('version: 2\nextends: [base.yaml, other.yaml]\nallow: [a]', {
      'base.yaml': 'version: 1\ndeny: [{ capability: a, zebra: 1 }]',
      'other.yaml': '- nothing',
    })
    expect(errors.map((error) => /^(?:\S+\.yaml )?\d+:\d+/.exec(error)?.[0])).toEqual([
      '1:10',
      '3:9',
      'base.yaml 2:25',
      'other.yaml 1:1',
    ])
  })

  test('ends-where-files-extend-each-other-without-end', async () => {
    const chain = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [
        `f${index}.yaml`,
        `version: 1\nextends: [f${index + 1}.yaml]\ndeny: [a]`,
      ]),
    )
    expect(await errorsOf('version: 1\nextends: [f0.yaml]', chain)).toEqual([expect.stringContaining('more than 16')])
    const wide = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`f${index}.yaml`, 'version: 1\ndeny: [a]']),
    )
    const errors = await errorsOf(`version: 1\nextends: [${Object.keys(wide).join(', ')}]`, wide)
    expect(errors.every((error) => error.includes('more than 64'))).toBe(true)
  })

  test('refuses-two-files-of-one-name-and-one-id-in-two-files', async () => {
    const others = { 'a/base.yaml': 'version: 1\ndeny: [a]', 'b/base.yaml': 'version: 1\ndeny: [a]' }
    expect(await errorsOf('version: 1\nextends: [a/base.yaml, b/base.yaml]', others)).toEqual([
      expect.stringMatching(/^2:24 /),
    ])
    const named = { 'base.yaml': 'version: 1\ndeny: [{ capability: a, id: x }]' }
    const errors = await errorsOf('version: 1\nextends: [base.yaml]\ndeny: [{ capability: a, id: x }]', named)
    expect(errors).toEqual([expect.stringMatching(/^3:25 .*twice/)])
  })
})

describe('tools of several files', () => {
  const base = {
    'base.yaml':
      'version: 1\ntools: { "fs__*": { capability: filesystem.access.workspace } }\ndeny: [filesystem.access]',
  }
  const withTools = (tools: string): string =>
    `version: 1\nextends: [base.yaml]\ntools: { ${tools} }\nallow: [harmless.x.y]`

  test.each([
    ['the same key', '"fs__*": { capability: harmless.x.y }'],
    ['an exact name that the base covers', 'fs__delete: { capability: harmless.x.y }'],
    ['a longer prefix', '"fs__del*": { capability: harmless.x.y }'],
    [
      'a longer prefix behind a star',
      '"fs__*": { capability: filesystem.access.workspace }, "fs__d*e": { capability: harmless.x.y }',
    ],
  ])('never-lets-another-file-change-what-a-tool-is: %s', async (_, tools) => {
    const errors = await errorsOf(withTools(tools), base)
    expect(errors).toEqual([expect.stringMatching(/^3:\d+ .*(?:changes?|something else)/)])
  })

  test('takes-the-same-binding-again-and-other-tools-and-a-glob-that-the-base-overrules', async () => {
    const tools =
      '"fs__*": { capability: filesystem.access.workspace }, fetch: { capability: harmless.x.y }, "f*": { capability: harmless.x.z }'
    const policy = await loaded(withTools(tools), base)
    expect(policy.bindingOf('fs__delete')?.capability).toBe('filesystem.access.workspace')
    expect(policy.bindingOf('fetch')?.capability).toBe('harmless.x.y')
    expect(policy.bindingOf('foo')?.capability).toBe('harmless.x.z')
  })

  test.each([
    ['"a*b": X, "a*c": X', false],
    ['"a*": X, "a*c": X', true],
    ['"a*b*": X, "a*c": X', true],
    ['"a*": X, "ab*": X', false],
    ['"*a": X, "*b*": X', true],
    ['"*": X, b: X', false],
  ])('refuses-a-tie-of-globs-that-can-meet: %s', async (tools, isTie) => {
    const errors = await errorsOf(
      `version: 1\ntools: { ${tools.replaceAll('X', '{ capability: a.b.c }')} }\nallow: [a.b.c]`,
    )
    expect(errors).toEqual(isTie ? [expect.stringContaining('can match one tool')] : [])
  })
})

describe('approvers and bounds of several files', () => {
  const withApprovers = (text: string): string => `version: 1\nextends: [base.yaml]\napprovers: { ${text} }`
  const base = { 'base.yaml': `version: 1\napprovers: { alice: "${VKEY_A}" }\nrequire_approval: [a]` }

  test('takes-an-approver-again-and-leaves-them-undefined-where-none-are-named', async () => {
    const policy = await loaded(withApprovers(`alice: "${VKEY_A}"`), base)
    expect(Object.fromEntries(policy.approvers ?? [])).toEqual({ alice: VKEY_A })
    expect((await loaded('version: 1\nallow: [a.b.c]')).approvers).toBeUndefined()
  })

  test('refuses-another-key-for-a-name-and-another-name-for-a-key', async () => {
    expect(await errorsOf(withApprovers(`alice: "${VKEY_B}"`), base)).toEqual([
      expect.stringMatching(/^3:14 .*another key/),
    ])
    expect(await errorsOf(withApprovers(`alias: "${VKEY_A}"`), base)).toEqual([
      expect.stringMatching(/^3:14 .*the key of `alice`/),
    ])
  })

  test.each([
    ['no key at all', 'x'],
    ['another kind of key', VKEY_A.replace(/\+A/, '+B')],
    ['a hash of another key', VKEY_A.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['a key that is cut short', VKEY_A.slice(0, -4)],
    ['bytes after the key', `${VKEY_A}AAAA`],
  ])('refuses: %s', async (_, key) => {
    expect(await errorsOf(`version: 1\napprovers: { alice: "${key}" }`)).toEqual([
      expect.stringMatching(/^2:21 the public key /),
    ])
  })

  test('takes-the-tightest-bound-whoever-sets-it', async () => {
    const others = { 'base.yaml': 'version: 1\napprovals: { max_pending: 10 }' }
    expect(
      (await loaded('version: 1\nextends: [base.yaml]\napprovals: { max_pending: 500 }', others)).maxPendingPerActor,
    ).toBe(10)
    expect(
      (await loaded('version: 1\nextends: [base.yaml]\napprovals: { max_pending: 5 }', others)).maxPendingPerActor,
    ).toBe(5)
    expect((await loaded('version: 1\nallow: [a.b.c]')).maxPendingPerActor).toBe(100)
    expect((await loaded('version: 1\nallow: [a.b.c]\napprovals: { max_pending: 500 }')).maxPendingPerActor).toBe(500)
  })
})

describe('mode', () => {
  const observing = 'version: 1\nmode: observe\n'

  test('observes-as-a-whole-where-every-file-does', async () => {
    const policy = await loaded(`${observing}extends: [base.yaml]\ndeny: [a]`, { 'base.yaml': `${observing}deny: [b]` })
    expect(policy.mode).toBe('observe')
    expect(policy.evaluate(event('b.x.y'))).toMatchObject({ decision: 'deny', enforced: false })
  })

  test('never-takes-the-force-from-another-files-rules', async () => {
    const base = { 'base.yaml': 'version: 1\ndeny: [a.delete]\nallow: [a.read.x]' }
    const policy = await loaded(`${observing}extends: [base.yaml]\ndeny: [a.read]\nallow: [a.write.x]`, base)
    expect(policy.mode).toBe('enforce')
    expect(policy.evaluate(event('a.delete.x'))).toMatchObject({ decision: 'deny', enforced: true })
    expect(policy.evaluate(event('a.read.x'))).toMatchObject({ decision: 'allow', observed: ['deny[0]'] })
    expect(policy.evaluate(event('a.write.x'))).toMatchObject({ decision: 'deny', code: 'policy_default' })
  })

  test('takes-the-rules-of-an-observing-base-out-of-the-ruling-and-warns', async () => {
    const base = { 'base.yaml': `${observing}deny: [a]\nallow: [b.c.d]` }
    const policy = 'version: 1\nextends: [base.yaml]\nallow: [a.b.c]'
    expect((await loaded(policy, base)).evaluate(event('a.b.c'))).toMatchObject({
      decision: 'allow',
      observed: ['base.yaml:deny[0]'],
    })
    expect(await warningsOf(policy, base)).toEqual([expect.stringMatching(/^base.yaml 4:9 .*observe/)])
  })
})

describe('warnings', () => {
  test('warns-of-an-amount-that-a-tool-does-not-bind', async () => {
    const tools =
      'version: 1\ntools: { pay: { capability: payment.execute.x }, bound: { capability: payment.execute.y, amount: t } }\n'
    expect(await warningsOf(`${tools}deny: [{ capability: payment, amount_gt: 1 }]\nallow: [a.b.c]`)).toEqual([
      expect.stringMatching(/^3:8 .*`pay`/),
    ])
    expect(await warningsOf(`${tools}deny: [{ capability: payment.execute.y, amount_gt: 1 }]\nallow: [a.b.c]`)).toEqual(
      [],
    )
  })

  test.each([
    ['a', 'a.b.c', true],
    ['a.*.c', 'a.b.c', true],
    ['a.b.c', 'a.b.c', true],
    ['a.b.c', 'a.b.c.d', true],
    ['a.b.c*', 'a.b.cd', true],
    ['a.b.c.*', 'a.b.c', false],
    ['a.b.x', 'a.b.c', false],
    ['a.b.c*', 'a.b.*', false],
    ['{ capability: a, actor: x }', 'a.b.c', false],
    ['{ capability: a, mode: observe }', 'a.b.c', false],
  ])('warns-of-an-allow-only-where-it-never-allows: deny %s, allow %s', async (deny, allow, isWarned) => {
    const warnings = await warningsOf(
      `version: 1\ndeny: [${deny.startsWith('{') ? deny : `"${deny}"`}]\nallow: ["${allow}"]`,
    )
    expect(warnings).toEqual(isWarned ? [expect.stringContaining('never allows')] : [])
  })

  test('warns-of-a-quorum-that-nobody-can-reach', async () => {
    const approvers = `version: 1\napprovers: { alice: "${VKEY_A}", bob: "${VKEY_B}" }\n`
    const ask = (approval: string): string =>
      `${approvers}require_approval: [{ capability: a, approval: { ${approval} } }]`
    expect(await warningsOf(ask('quorum: 3'))).toEqual([expect.stringContaining('never be approved')])
    expect(await warningsOf(ask('quorum: 2, approvers: ["a*"]'))).toEqual([
      expect.stringContaining('never be approved'),
    ])
    expect(await warningsOf(ask('quorum: 2'))).toEqual([])
    expect(await warningsOf(ask('approvers: bob'))).toEqual([])
  })
})
