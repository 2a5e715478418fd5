import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { ActionEvent } from '../../src/action/action-event.ts'
import { compilePolicy } from '../../src/policy/compile.ts'
import { parsePolicyText } from '../../src/policy/load/load-policy.ts'
import { inits, models, readings } from './random-policy.ts'

vi.setConfig({ testTimeout: 60_000 })

const asked = ActionEvent.create({
  actor: 'agent',
  environment: 'production',
  risk: 'medium',
  resource: 'mcp',
  action: 'files',
  scope: 'delete',
})

const ALLOW = 'allow: [mcp.files.delete]'

test.each([
  ['no rule speaks of it', 'allow: [mcp.files.read]', false],
  ['a rule allows it', ALLOW, true],
  ['a rule asks', 'require_approval: [mcp.files.delete]', true],
  ['a rule allows it with some arguments', 'allow: [{ capability: mcp.files.delete, amount_lte: 5 }]', true],
  [
    'a rule allows it up to a limit',
    'allow: [{ id: a, capability: mcp.files.delete, limit: { count: true, max: 1, per: 1h, by: actor } }]',
    true,
  ],
  ['a rule denies all of it', `${ALLOW}\ndeny: [mcp.files.delete]`, false],
  ['a rule denies some of it', `${ALLOW}\ndeny: [{ capability: mcp.files.delete, contains: x }]`, true],
  ['a rule denies all of it to this actor', `${ALLOW}\ndeny: [{ capability: mcp.files.delete, actor: "ag*" }]`, false],
  ['a rule denies all of it to another actor', `${ALLOW}\ndeny: [{ capability: mcp.files.delete, actor: bob }]`, true],
  [
    'a rule denies where it is not known who asks',
    `${ALLOW}\ndeny: [{ capability: mcp.files.delete, tenant: x }]`,
    false,
  ],
  ['a rule allows it to another actor only', 'allow: [{ capability: mcp.files.delete, actor: bob }]', false],
  ['a rule denies unless', `${ALLOW}\ndeny: [{ capability: mcp.files.delete, unless: { actor: bob } }]`, true],
  ['an unknown denial asks', 'deny: [{ capability: mcp.files.delete, contains: x, unknown: ask }]', true],
  ['a denial is observed only', `${ALLOW}\ndeny: [{ capability: mcp.files.delete, mode: observe }]`, true],
  ['the whole policy observes', 'mode: observe\ndeny: [mcp.files.delete]', true],
])('says-whether-some-arguments-could-be-allowed: %s', async (_what, text, expected) => {
  const policy = await parsePolicyText(`version: 1\n${text}\n`)
  expect(policy.couldAllow(asked)).toBe(expected)
})

test('never-says-no-to-what-the-policy-allows-or-asks-about', () => {
  fc.assert(
    fc.property(models(), inits, fc.option(readings, { nil: undefined }), (model, init, state) => {
      const policy = compilePolicy(model, '{}')
      if (policy.evaluate(ActionEvent.create(init), state).decision === 'deny') return
      const bare = ActionEvent.create({ ...init, args: {} })
      expect(policy.couldAllow(bare)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
