import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { scratchFolder } from '../support/scratch.ts'
import { gate, pay } from './gate.ts'

const alice = ed25519Signer('alice', new Uint8Array(32).fill(1))
const bob = ed25519Signer('bob', new Uint8Array(32).fill(2))

const POLICY_TEXT = (rest = ''): string => `version: 1
approvers: { alice: "${alice.vkey}", bob: "${bob.vkey}" }
require_approval:
  - id: big
    capability: payment.execute.high_value
    amount_gt: 1000
${rest}
allow:
  - capability: payment.execute.high_value
    amount_lte: 1000
`

async function opened(rest = '') {
  const folder = scratchFolder()
  const policy = join(folder, 'policy.yaml')
  writeFileSync(policy, POLICY_TEXT(rest))
  return gate({ policy })
}

test('an-approved-request-runs-once', async () => {
  const { runtime, approvals, records } = await opened()
  const asked = await runtime.execute(pay(5000))
  expect(asked).toMatchObject({ decision: 'require_approval' })
  const [request] = await approvals.pending()
  await approvals.approve(request?.id ?? '', { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({
    decision: 'allow',
    reason: { code: 'approved', rule: 'big' },
  })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  expect((await records()).map(({ kind }) => kind)).toEqual(['opened', 'decision', 'statement', 'decision', 'decision'])
})

test('a-grant-of-two-uses-is-used-twice', async () => {
  const { runtime, approvals } = await opened()
  await approvals.grant({ actor: 'agent', capability: 'payment.execute.*', durationMs: 60_000, uses: 2 }, { by: alice })
  const answers = []
  for (const amount of [2000, 3000, 4000]) answers.push((await runtime.execute(pay(amount))).decision)
  expect(answers).toEqual(['allow', 'allow', 'require_approval'])
})
