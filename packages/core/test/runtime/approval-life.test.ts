import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { INBOX } from '../../src/approval/inbox.ts'
import { SUSPENSION } from '../../src/approval/suspension.ts'
import { pinKey } from '../../src/audit/trust.ts'
import { ApprovalEngine } from '../../src/compose/approval-engine.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import type { ApprovalNotice } from '../../src/notify/approval-notice.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
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
} from './approval-gate.ts'
import { pay, read } from './gate.ts'

const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const
const ASKS = { decision: 'require_approval' }
const limited = (limit: string, rest = ''): string =>
  policyText({ rest: `${rest}\nallow:\n  - { id: small, capability: payment.execute.card, limit: ${limit} }` })
const card = (amount: number, init = {}): ReturnType<typeof pay> => pay(amount, { resource: 'payment.card', ...init })

test('suspended-actors-run-nothing-until-they-are-resumed', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  const other = await approvalGate({ engine })
  expect(await runtime.execute(read())).toMatchObject({ decision: 'allow' })
  await other.approvals.suspend('agent', { by: alice, reason: 'strange payments' })
  expect(await runtime.execute(read())).toMatchObject({ decision: 'deny', reason: { code: 'suspended' } })
  expect(await runtime.execute(read({ actor: 'helper', actorChain: ['agent'] }))).toMatchObject({
    reason: { code: 'suspended' },
  })
  expect(await runtime.execute(read({ actor: 'other' }))).toMatchObject({ decision: 'allow' })
  expect(await approvals.suspensions()).toMatchObject([{ actor: 'agent', by: 'alice', reason: 'strange payments' }])
  await other.approvals.resume('agent', { by: bob })
  expect(await runtime.execute(read())).toMatchObject({ decision: 'allow' })
  expect(await approvals.suspensions()).toEqual([])
})

test('all-can-be-suspended-also-where-the-policy-only-observes', async () => {
  const text = policyText().replace('version: 1', 'version: 1\nmode: observe')
  const { runtime, approvals } = await approvalGate({ text })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow', enforced: false })
  await approvals.suspend(null, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'suspended' } })
  await approvals.resume(null, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'allow' })
})

test('a-resume-that-nobody-trusted-signed-and-an-old-one-put-back-lift-nothing', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  await approvals.suspend('agent', { by: alice })
  await approvals.resume('agent', { by: alice })
  const { state } = await engine.read({ keys: [SUSPENSION] })
  const resumed = state.get(SUSPENSION)?.value ?? ''
  await approvals.suspend('agent', { by: alice })
  await forge(engine, SUSPENSION, () => resumed)
  expect(await runtime.execute(read())).toMatchObject({ reason: { code: 'suspended' } })
  const fresh = await approvalGate({ engine })
  await forge(engine, SUSPENSION, (value) => value.replace(/"sig":"[^"]+"/g, '"sig":""'))
  expect(await fresh.runtime.execute(read())).toMatchObject({ reason: { code: 'suspended' } })
  await expect(approvals.suspend('x', { by: mallory })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
})

test('a-damaged-suspension-lets-nothing-run', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  await approvals.suspend('other', { by: alice })
  await forge(engine, SUSPENSION, () => '{')
  const fresh = await approvalGate({ engine })
  for (const each of [runtime, fresh.runtime]) {
    expect(await each.execute(read())).toMatchObject({ decision: 'deny', reason: { code: 'fault_approval' } })
  }
})

test('a-statement-from-a-machine-without-the-writers-key-is-applied-by-the-next-writer', async () => {
  const folder = scratchFolder()
  const path = join(folder, 'trail.db')
  const agent = homeIn(join(folder, 'agent'))
  const desk = homeIn(join(folder, 'desk'))
  for (const each of ['agent', 'desk']) mkdirSync(join(folder, each))
  const { ActionRuntime } = await import('../../src/compose/action-runtime.ts')
  const { CapabilitySystem } = await import('../../src/compose/capability-system.ts')
  const { ImmutableAuditTrail } = await import('../../src/compose/immutable-audit-trail.ts')
  const { parsePolicyText } = await import('../../src/policy/load/load-policy.ts')
  const capabilitySystem = new CapabilitySystem()
  capabilitySystem.usePolicy(await parsePolicyText(policyText()))
  const engine = new SqliteEngine({ path, machine: agent })
  const approvals = new ApprovalEngine({ machine: agent })
  const parts = { capabilitySystem, approvalEngine: approvals, auditTrail: new ImmutableAuditTrail() }
  const runtime = new ActionRuntime({ ...parts, engine, machine: agent })
  await runtime.execute(pay(5000))
  const remote = new ApprovalEngine({ engine: new SqliteEngine({ path, machine: desk }), machine: desk })
  const [request] = await remote.pending()
  expect(await remote.approve(request?.id ?? '', { by: alice })).toMatchObject({ state: 'waiting' })
  expect(await remote.grant(HOUR, { by: mallory })).toMatchObject({ state: 'waiting' })
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'approved' } })
  expect((await engine.read({ keys: [INBOX] })).state.size).toBe(0)
  expect(await runtime.execute(pay(6000))).toMatchObject(ASKS)
  await remote.engine?.close()
  await runtime.close()
  await engine.close()
})

test('junk-in-the-inbox-is-thrown-away-told-of-and-hinders-nobody', async () => {
  const faults: string[] = []
  const { runtime, engine } = await approvalGate({ onFault: ({ step, message }) => faults.push(`${step}: ${message}`) })
  await runtime.execute(read())
  for (const value of ['{', '{"v":1,"waiting":[{"statement":{}},7]}', '{"v":1,"waiting":"x"}']) {
    await engine.commit({ expect: [{ key: INBOX, version: 0 }], write: [{ key: INBOX, value }] })
    expect(await runtime.execute(read())).toMatchObject({ decision: 'allow' })
    expect((await engine.read({ keys: [INBOX] })).state.size).toBe(0)
  }
  expect(faults).toHaveLength(3)
  expect(faults[0]).toContain('inbox: ')
})

test('an-allow-with-a-limit-ends-with-it-and-comes-back-with-its-window', async () => {
  const clock = { now: 1_800_000_000_000 }
  const text = limited('{ sum: amount, max: 500, per: 1h, by: actor }')
  const { runtime } = await approvalGate({ text, engine: engineAt(clock), machine: machineAt(clock) })
  for (let count = 0; count < 5; count++) expect(await runtime.execute(card(100))).toMatchObject({ decision: 'allow' })
  expect(await runtime.execute(card(1))).toMatchObject({
    decision: 'deny',
    reason: { code: 'limit_exhausted', rule: 'small' },
  })
  expect(await runtime.execute(card(500, { actor: 'other' }))).toMatchObject({ decision: 'allow' })
  clock.now += 3_600_000 - 60_000
  expect(await runtime.execute(card(1))).toMatchObject({ reason: { code: 'limit_exhausted' } })
  clock.now += 60_000 + 3_600_000 / 64
  expect(await runtime.execute(card(1))).toMatchObject({ decision: 'allow' })
})

test('a-refused-call-is-charged-nothing-and-one-that-is-repeated-nothing-more', async () => {
  const text = limited(
    '{ count: true, max: 2, per: 1h, by: actor }',
    'deny: [{ capability: payment.execute.card, amount_gt: 100 }]',
  )
  const { runtime, records } = await approvalGate({ text })
  for (let count = 0; count < 5; count++) expect(await runtime.execute(card(101))).toMatchObject({ decision: 'deny' })
  const once = card(1, { id: 'once' })
  expect(await runtime.execute(once)).toMatchObject({ decision: 'allow' })
  for (let count = 0; count < 3; count++)
    expect(await runtime.execute(once)).toMatchObject({ reason: { code: 'already_executed' } })
  expect(await runtime.execute(card(2))).toMatchObject({ decision: 'allow' })
  expect(await runtime.execute(card(3))).toMatchObject({ reason: { code: 'limit_exhausted' } })
  const charged = (await records()).filter((body) => body.kind === 'decision' && body.charges !== undefined)
  expect(charged).toHaveLength(2)
  expect(charged[0]).toMatchObject({ charges: [{ rule: 'small', amount: '1', per_ms: 3_600_000 }] })
})

test('a-clock-that-cannot-be-believed-honours-no-limit-and-no-sequence', async () => {
  const engineClock = { now: 1_800_000_000_000 }
  const clock = { now: engineClock.now }
  const text = limited(
    '{ count: true, max: 9, per: 1h, by: actor }',
    'deny: [{ id: after-mail, capability: filesystem, after: { capability: mail, within: 1h, by: actor } }]',
  )
  const { runtime } = await approvalGate({ text, engine: engineAt(engineClock), machine: machineAt(clock) })
  expect(await runtime.execute(card(1))).toMatchObject({ decision: 'allow' })
  clock.now += 6_000
  expect(await runtime.execute(card(1))).toMatchObject({ reason: { code: 'clock_fault' } })
  expect(await runtime.execute(read())).toMatchObject({ reason: { code: 'clock_fault' } })
  expect(await runtime.execute(pay(5))).toMatchObject({ decision: 'allow' })
})

test('a-sequence-fires-after-the-earlier-action-was-allowed-also-before-the-rule-was-there', async () => {
  const clock = { now: 1_800_000_000_000 }
  const engine = engineAt(clock)
  const mail = read({ resource: 'mail.inbox', session: 's-1' })
  const allowMail = 'allow:\n  - mail.read.inbox'
  const before = await approvalGate({ engine, machine: machineAt(clock), text: policyText({ rest: allowMail }) })
  expect(await before.runtime.execute(mail)).toMatchObject({ decision: 'allow' })
  const rest = `deny: [{ id: after-mail, capability: filesystem, after: { capability: mail, within: 1h, by: session } }]\n${allowMail}`
  const after = await approvalGate({ engine, machine: machineAt(clock), text: policyText({ rest }) })
  expect(await after.runtime.execute(read({ session: 's-1' }))).toMatchObject({
    reason: { code: 'policy_deny', rule: 'after-mail' },
  })
  expect(await after.runtime.execute(read({ session: 's-2' }))).toMatchObject({ decision: 'allow' })
  expect(await after.runtime.execute(read())).toMatchObject({ reason: { code: 'policy_deny_unknown' } })
  await after.runtime.execute(read({ resource: 'mail.inbox', session: 's-2' }))
  expect(await after.runtime.execute(read({ session: 's-2' }))).toMatchObject({ reason: { rule: 'after-mail' } })
  clock.now += 3_600_001
  expect(await after.runtime.execute(read({ session: 's-1' }))).toMatchObject({ decision: 'allow' })
})

test('a-backlog-is-bounded-and-answered-requests-leave-it', async () => {
  const text = policyText().replace('version: 1', 'version: 1\napprovals: { max_pending: 2 }')
  const { runtime, approvals } = await approvalGate({ text })
  await runtime.execute(pay(2000))
  await runtime.execute(pay(3000))
  expect(await runtime.execute(pay(4000))).toMatchObject({ reason: { code: 'approval_backlog' } })
  const [first, second] = await approvals.pending()
  await approvals.reject(first?.id ?? '', { by: alice })
  expect(await runtime.execute(pay(4000))).toMatchObject(ASKS)
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'approval_backlog' } })
  await approvals.approve(second?.id ?? '', { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('people-are-told-once-of-a-request-and-what-fails-there-changes-nothing', async () => {
  const notices: ApprovalNotice[] = []
  const faults: string[] = []
  const approvalEngine = new ApprovalEngine({
    notify: (notice) => {
      notices.push(notice)
      throw new Error('the bell is broken')
    },
  })
  const onFault = ({ step, message }: { step: string; message: string }): number => faults.push(`${step}: ${message}`)
  const { runtime } = await approvalGate({ approvalEngine, onFault })
  const asked = await runtime.execute(pay(5000))
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
  expect(notices).toHaveLength(1)
  expect(notices[0]).toMatchObject({
    requestId: asked.decision === 'require_approval' ? asked.approval.requestId : '',
    actor: 'agent',
    rules: ['big'],
  })
  expect(JSON.stringify(notices)).not.toContain('5000')
  expect(faults.join()).toMatch(/^notify: request `req-.*the bell is broken$/)
})

test('without-approvers-in-the-policy-the-users-own-trust-counts-and-is-read-again', async () => {
  const home = homeIn(scratchFolder())
  const text = policyText().replace(/approvers: .*\n/, '')
  const opened = await approvalGate({ text, machine: home })
  const { runtime, approvals } = opened
  await runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  await expect(approvals.approve(request, { by: alice })).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' })
  pinKey(home, 'approvers', { name: 'alice', vkey: alice.vkey })
  await approvals.approve(request, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'approved' } })
})

test('a-grant-longer-than-the-policy-says-is-refused-and-one-that-became-too-long-does-not-count', async () => {
  const engine = (await approvalGate()).engine
  const opened = await approvalGate({ engine })
  await expect(opened.approvals.grant({ ...HOUR, durationMs: 86_460_000 }, { by: alice })).rejects.toMatchObject({
    code: 'APPROVAL_REFUSED',
  })
  await opened.approvals.grant({ ...HOUR, durationMs: 7_200_000 }, { by: alice })
  const tighter = policyText().replace('version: 1', 'version: 1\napprovals: { max_grant: 1h }')
  const after = await approvalGate({ engine, text: tighter })
  expect(await after.runtime.execute(pay(5000))).toMatchObject(ASKS)
  expect(await opened.runtime.execute(pay(5001))).toMatchObject({ reason: { code: 'approved' } })
})

test('a-grant-that-no-rule-could-use-says-so', async () => {
  const { runtime, approvals } = await approvalGate()
  await runtime.execute(read())
  expect(await approvals.grant({ ...HOUR, capability: 'github.push.main' }, { by: alice })).toHaveProperty('note')
  expect(await approvals.grant(HOUR, { by: alice })).not.toHaveProperty('note')
})
