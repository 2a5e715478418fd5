import { expect, test } from 'vitest'
import { COUNTERS } from '../../src/approval/counters.ts'
import { GRANTS } from '../../src/approval/grants.ts'
import { REQUESTS } from '../../src/approval/requests.ts'
import { SUSPENSION } from '../../src/approval/suspension.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import {
  alice,
  approvalGate,
  bob,
  engineAt,
  forge,
  machineAt,
  mallory,
  onlyRequest,
  policyText,
  saved,
} from './approval-gate.ts'
import { pay } from './gate.ts'

const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const
const ASKS = { decision: 'require_approval' }
const ALLOWS = { decision: 'allow', reason: { code: 'approved' } }

test('a-used-approval-is-not-used-again-also-where-its-state-is-put-back', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  const putBack = await saved(engine, REQUESTS)
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
  await putBack()
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('one-event-is-executed-once-on-one-grant', async () => {
  const { runtime, approvals } = await approvalGate()
  await approvals.grant(HOUR, { by: alice })
  const event = pay(5000, { id: 'the-same' })
  expect(await runtime.execute(event)).toMatchObject(ALLOWS)
  expect(await runtime.execute(event)).toMatchObject({ reason: { code: 'already_executed' } })
  expect(await runtime.execute({ ...event, args: { amount: 5001 } })).toMatchObject({ reason: { code: 'id_reuse' } })
})

test.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('a-clock-that-the-agent-set-%s-honours-no-grant', async (_way, byMs) => {
  const engineClock = { now: 1_800_000_000_000 }
  const agentClock = { now: engineClock.now }
  const { runtime, approvals } = await approvalGate({ engine: engineAt(engineClock), machine: machineAt(agentClock) })
  await approvals.grant({ ...HOUR, durationMs: 60_000 }, { by: alice })
  agentClock.now += byMs
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'deny', reason: { code: 'clock_fault' } })
  expect(await runtime.execute(pay(500))).toMatchObject({ reason: { code: 'policy_allow' } })
  agentClock.now -= byMs
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  engineClock.now += 60_000
  agentClock.now += 60_000
  expect(await runtime.execute(pay(5001))).toMatchObject(ASKS)
})

test('a-clock-that-went-back-with-its-engine-honours-no-grant', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { runtime, approvals } = await approvalGate({ engine: engineAt(clock), machine: machineAt(clock) })
  await approvals.grant({ ...HOUR, durationMs: 60_000 }, { by: alice })
  clock.now += 60_001
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
  clock.now -= 30_000
  expect(await runtime.execute(pay(5001))).toMatchObject({ reason: { code: 'clock_fault' } })
})

test.each([
  ['args', { args: { amount: 5000, to: 'EVE' } }],
  ['actor', { actor: 'other-agent' }],
  ['session', { session: 's-2' }],
  ['environment', { environment: 'staging' }],
  ['tenant', { tenant: 'other' }],
  ['tool', { tool: 'pay' }],
  ['role', { userRole: 'admin' }],
  ['depth', { callerDepth: 1 }],
  ['chain', { actorChain: ['planner'] }],
  ['risk', { risk: 'high' }],
] as const)('an-approval-is-for-no-other-%s', async (_what, other) => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  const own = { session: 's-1', tenant: 'acme', args: { amount: 5000, to: 'ACME' } }
  await runtime.execute(pay(5000, own))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  expect(await runtime.execute(pay(5000, { ...own, ...other }))).toMatchObject(ASKS)
  expect(await runtime.execute(pay(5000, own))).toMatchObject(ALLOWS)
})

test('a-grant-that-was-written-or-edited-in-the-database-grants-nothing', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await approvals.grant({ ...HOUR, capability: 'github.push.main', uses: 1 }, { by: alice })
  const edits: readonly ((value: string) => string)[] = [
    (value) => value.replace('github.push.main', 'payment.execute.high_value'),
    (value) => value.replace('payment.execute.high_value', '*.*.*'),
    (value) => value.replaceAll('"uses":1', '"uses":null'),
    (value) => value.replace(/"expires_at":\d+/, '"expires_at":9000000000000'),
    (value) => value.replace(/"key":"[^"]+"/, `"key":"${mallory.vkey}"`),
    (value) => value.replace(/"sig":"[^"]+"/, '"sig":""'),
  ]
  for (const edit of edits) {
    await forge(engine, GRANTS, edit)
    expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
  }
})

test('an-approval-moved-to-another-request-in-the-database-approves-nothing', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  await runtime.execute(pay(9000))
  const [one, other] = await engine.list({ prefix: REQUESTS, limit: 10 })
  const signed = [one, other].find((entry) => entry?.value.includes('"approve"'))
  const bare = [one, other].find((entry) => entry !== signed)
  if (signed === undefined || bare === undefined) throw new Error('no two requests')
  const digest = bare.key.slice(REQUESTS.length)
  const moved = signed.value.replaceAll(signed.key.slice(REQUESTS.length), digest)
  await engine.commit({ expect: [{ key: bare.key, version: bare.version }], write: [{ key: bare.key, value: moved }] })
  expect(await runtime.execute(pay(9000))).toMatchObject(ASKS)
})

test('a-use-a-revocation-a-counter-or-a-suspension-that-was-set-back-is-not-believed-by-whoever-saw-it', async () => {
  const limited = 'deny: [{ id: few, capability: payment, limit: { count: true, max: 3, per: 1h, by: all } }]\nallow:'
  const { runtime, approvals, engine } = await approvalGate({ text: policyText({ rest: limited }) })
  const { id } = await approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  const unused = await saved(engine, GRANTS)
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  await unused()
  expect(await runtime.execute(pay(5001))).toMatchObject(ASKS)

  const second = await approvals.grant(HOUR, { by: alice })
  expect(await runtime.execute(pay(5002))).toMatchObject(ALLOWS)
  const unrevoked = await saved(engine, GRANTS)
  await approvals.revoke(second.id, { by: alice })
  await unrevoked()
  expect(await runtime.execute(pay(5003))).toMatchObject(ASKS)
  expect(id).not.toBe(second.id)

  await runtime.execute(pay(1))
  expect(await runtime.execute(pay(2))).toMatchObject({ reason: { rule: 'few' } })
  await forge(engine, COUNTERS, () => null)
  expect(await runtime.execute(pay(3))).toMatchObject({
    decision: 'deny',
    reason: { code: 'policy_deny_unknown', rule: 'few' },
  })

  await approvals.suspend('agent', { by: alice })
  expect(await runtime.execute(pay(4))).toMatchObject({ reason: { code: 'suspended' } })
  await forge(engine, SUSPENSION, () => null)
  expect(await runtime.execute(pay(5))).toMatchObject({ reason: { code: 'suspended' } })
})

test('nobody-approves-their-own-action-by-any-name', async () => {
  const agents = ed25519Signer('agent', new Uint8Array(32).fill(8))
  const planner = ed25519Signer('Planner', new Uint8Array(32).fill(9))
  const text = policyText({ approvers: `agent: "${agents.vkey}", ops: "${planner.vkey}"` })
  const opened = await approvalGate({ text })
  const { runtime, approvals } = opened
  const event = pay(5000, { actorChain: ['planner'] })
  await runtime.execute(event)
  const request = await onlyRequest(opened)
  await expect(approvals.approve(request, { by: agents })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  await expect(approvals.grant(HOUR, { by: agents })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  await approvals.grant(HOUR, { by: planner })
  await approvals.approve(request, { by: planner })
  expect(await runtime.execute(event)).toMatchObject(ASKS)
})

test('one-approver-counts-once-for-a-quorum', async () => {
  const opened = await approvalGate({ text: policyText({ approval: '{ quorum: 2 }' }) })
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  await approvals.approve(request, { by: alice })
  await expect(approvals.approve(request, { by: alice })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  await approvals.grant(HOUR, { by: alice })
  await approvals.grant(HOUR, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
  await forge(engine, REQUESTS, (value) => {
    const parsed = JSON.parse(value) as { approvals: unknown[] }
    return JSON.stringify({ ...parsed, approvals: [...parsed.approvals, ...parsed.approvals] })
  })
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
  expect(await runtime.execute(pay(5001))).toMatchObject(ASKS)
})

test('an-approver-who-left-the-policy-approves-nothing-any-more', async () => {
  const engine = new MemoryEngine()
  const before = await approvalGate({ engine })
  await before.runtime.execute(pay(5000))
  await before.approvals.approve(await onlyRequest(before), { by: bob })
  await before.approvals.grant(HOUR, { by: bob })
  const after = await approvalGate({ engine, text: policyText({ approvers: `alice: "${alice.vkey}"` }) })
  expect(await after.runtime.execute(pay(5000))).toMatchObject(ASKS)
  expect(await after.runtime.execute(pay(5001))).toMatchObject(ASKS)
  const again = await approvalGate({ engine })
  expect(await again.runtime.execute(pay(5000))).toMatchObject(ALLOWS)
})

test('an-approval-that-comes-too-late-changes-nothing-and-one-that-is-used-too-late-neither', async () => {
  const clock = { now: 1_800_000_000_000 }
  const opened = await approvalGate({ engine: engineAt(clock), machine: machineAt(clock) })
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  clock.now += 600_000
  await expect(approvals.approve(request, { by: alice })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  await runtime.execute(pay(5000))
  const second = await onlyRequest(opened)
  expect(second).not.toBe(request)
  clock.now += 599_999
  await approvals.approve(second, { by: alice })
  clock.now += 599_999
  expect(await runtime.preview(pay(5000))).toMatchObject({ decision: 'allow' })
  clock.now += 1
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('a-deny-that-came-after-the-request-wins', async () => {
  const engine = new MemoryEngine()
  const before = await approvalGate({ engine })
  await before.runtime.execute(pay(5000))
  await before.approvals.approve(await onlyRequest(before), { by: alice })
  const rest = 'deny: [{ id: no-more, capability: payment }]\nallow:'
  const after = await approvalGate({ engine, text: policyText({ rest }) })
  expect(await after.runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'policy_deny', rule: 'no-more' } })
})

test('an-approving-process-of-an-agent-approves-nothing', async () => {
  const real = machineAt({ now: Date.now() })
  const host = { ...real.host, env: (name: string) => (name === 'CAPFENCE_AGENT' ? '1' : undefined) }
  const { ApprovalEngine } = await import('../../src/compose/approval-engine.ts')
  const { runtime, engine } = await approvalGate()
  await runtime.execute(pay(5000))
  const approvals = new ApprovalEngine({ engine, machine: { ...real, host } })
  const id = (await approvals.pending())[0]?.id ?? ''
  for (const attempt of [
    approvals.approve(id, { by: alice }),
    approvals.reject(id, { by: alice }),
    approvals.grant(HOUR, { by: alice }),
    approvals.suspend(null, { by: alice }),
  ]) {
    await expect(attempt).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  }
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('a-grant-of-another-trail-means-nothing-in-this-one', async () => {
  const there = await approvalGate()
  await there.approvals.grant(HOUR, { by: alice })
  const here = await approvalGate()
  expect(await here.runtime.execute(pay(5000))).toMatchObject(ASKS)
  const [entry] = await there.engine.list({ prefix: GRANTS, limit: 1 })
  if (entry === undefined) throw new Error('no grant')
  await here.engine.commit({ expect: [{ key: entry.key, version: 0 }], write: [entry] })
  expect(await here.runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('an-approval-whose-time-was-moved-in-the-database-ends-when-it-was-signed-to', async () => {
  const clock = { now: 1_800_000_000_000 }
  const opened = await approvalGate({ engine: engineAt(clock), machine: machineAt(clock) })
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  clock.now += 1_200_000
  await forge(engine, REQUESTS, (value) => {
    const parsed = JSON.parse(value) as { approvals: object[]; expiresAt: number }
    return JSON.stringify({ ...parsed, approvals: parsed.approvals.map((each) => ({ ...each, at: clock.now })) })
  })
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})
