import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { guard } from '../../src/compose/guard.ts'
import { gate } from '../runtime/gate.ts'
import { scratchFolder } from '../support/scratch.ts'

const CALL = { adapter: 'test', actor: 'agent', environment: 'production', risk: 'medium' } as const

function policy(text: string): string {
  const path = join(scratchFolder(), 'policy.yaml')
  writeFileSync(path, text)
  return path
}

const TOOLS = `
version: 1
tools:
  transfer: { capability: payment.execute.high_value, amount: total }
  "fs__*": { capability: filesystem.access.workspace }
allow:
  - capability: payment.execute.high_value
    amount_lte: 100
  - tool.call.echo
  - filesystem.access.workspace
`

test('a-tools-call-is-judged-by-its-binding-and-run-on-what-was-judged', async () => {
  const { runtime } = await gate({ policy: policy(TOOLS) })
  const paid = await guard(runtime, { ...CALL, tool: 'transfer', args: { total: 5 } }, (args) => args)
  expect(paid).toEqual({ total: 5 })
  const decoy = { ...CALL, tool: 'transfer', args: { amount: 1, total: 999_999 } }
  await expect(guard(runtime, decoy, () => expect.unreachable())).rejects.toMatchObject({ code: 'CALL_REFUSED' })
  expect(await guard(runtime, { ...CALL, tool: 'echo', args: { text: 'x' } }, (args) => args)).toEqual({ text: 'x' })
  expect(await guard(runtime, { ...CALL, tool: 'fs__read', args: {} }, () => 'read')).toBe('read')
})

test('a-tools-name-claims-no-other-tools-capability', async () => {
  const { runtime } = await gate({ policy: policy(TOOLS) })
  for (const tool of ['Echo', 'ECHO', 'e.cho', ' echo', 'echo ', 'еcho', 'constructor', '__proto__', 'toString', '']) {
    const call = guard(runtime, { ...CALL, tool, args: {} }, () => expect.unreachable())
    await expect(call, JSON.stringify(tool)).rejects.toMatchObject({ code: 'CALL_REFUSED' })
  }
})

test('one-call-of-a-framework-is-one-identity', async () => {
  const { runtime } = await gate({ policy: policy(TOOLS) })
  let ran = 0
  const call = { ...CALL, tool: 'echo', args: { text: 'x' }, run: 'thread-1', callId: 'call_0' }
  const once = (init: object = {}): Promise<number> => guard(runtime, { ...call, ...init }, () => ++ran)
  await once()
  expect(await once()).toBe(1)
  await expect(once({ args: { text: 'y' } })).rejects.toMatchObject({ verdict: { reason: { code: 'id_reuse' } } })
  await once({ run: 'thread-2' })
  await once({ callId: undefined })
  await once({ callId: undefined })
  expect(ran).toBe(4)
})
