import { expect, test } from 'vitest'
import { COUNTERS } from '../../src/approval/counters.ts'
import { GRANTS } from '../../src/approval/grants.ts'
import { INBOX, inboxWrite } from '../../src/approval/inbox.ts'
import { REQUESTS, type PendingRequest } from '../../src/approval/requests.ts'
import { type Statement, statementBytes } from '../../src/approval/statement.ts'
import { SUSPENSION } from '../../src/approval/suspension.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { base64 } from '../../src/kernel/bytes.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import {
  alice,
  approvalGate,
  bob,
  engineAt,
  forge,
  machineAt,
  onlyRequest,
  policyText,
  saved,
} from './approval-gate.ts'
import type { Gate } from './gate.ts'
import { pay, read } from './gate.ts'

// A hostile review: each test says what must hold.
const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const
const ASKS = { decision: 'require_approval' }
const ALLOWS = { decision: 'allow' }

async function put(engine: BaseDBEngine, key: string, value: string): Promise<void> {
  const { state } = await engine.read({ keys: [key] })
  await engine.commit({ expect: [{ key, version: state.get(key)?.version ?? 0 }], write: [{ key, value }] })
}

/** Signs a statement that no tool of ours would make, and leaves it in the inbox. */
async function handIn({ engine }: Gate, by: Signer, said: object): Promise<void> {
  const origin = (await engine.read({ chain: 'main', keys: [] })).head?.head.origin
  const common = { v: 1, origin, approver: 'alice', key: by.vkey, at: 0, reason: null }
  const statement = { ...common, ...said } as unknown as Statement
  const envelope = { statement, sig: base64(await by.sign(statementBytes(statement))) }
  const write = inboxWrite((await engine.read({ keys: [INBOX] })).state.get(INBOX)?.value, envelope)
  if (typeof write?.value !== 'string') throw new Error('the inbox is full')
  await put(engine, INBOX, write.value)
}

async function requestOf(engine: BaseDBEngine): Promise<PendingRequest> {
  const [entry] = await engine.list({ prefix: REQUESTS, limit: 1 })
  return JSON.parse(entry?.value ?? '') as PendingRequest
}

test('a-use-that-the-database-says-was-given-back-is-not-free-for-whoever-made-it', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  await approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  await forge(engine, GRANTS, (value) => value.replace('"returned":0', '"returned":1'))
  expect(await runtime.execute(pay(5001))).toMatchObject(ASKS)
})

test('an-approval-that-the-database-says-was-given-back-is-not-free-for-whoever-used-it', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  await forge(engine, REQUESTS, (value) => value.replace('"returned":0', '"returned":1'))
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('a-charge-that-the-database-says-was-given-back-still-counts-for-whoever-made-it', async () => {
  const rest = 'deny: [{ id: few, capability: payment, limit: { sum: amount, max: 500, per: 1h, by: all } }]\nallow:'
  const { runtime, engine } = await approvalGate({ text: policyText({ rest }) })
  expect(await runtime.execute(pay(500))).toMatchObject(ALLOWS)
  expect(await runtime.execute(pay(500))).toMatchObject({ decision: 'deny' })
  await forge(engine, COUNTERS, (value) => value.replaceAll('"500","0"', '"500","500"'))
  expect(await runtime.execute(pay(500))).toMatchObject({ decision: 'deny' })
})

test('a-used-approval-carried-to-the-next-request-for-the-same-action-with-its-salt-approves-nothing', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  const { salt, approvals: signed } = await requestOf(engine)
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS) // a new request
  await forge(engine, REQUESTS, (value) =>
    JSON.stringify({ ...(JSON.parse(value) as PendingRequest), salt, approvals: signed }),
  )
  expect(await runtime.execute(pay(5000))).toMatchObject(ASKS)
})

test('a-rejection-whose-time-was-moved-in-the-database-stands-for-whoever-saw-it', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.reject(await onlyRequest(opened), { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'approval_rejected' } })
  await approvals.grant(HOUR, { by: bob })
  await forge(engine, REQUESTS, (value) => value.replace(/"expiresAt":\d+,"grantMs"/, '"expiresAt":1,"grantMs"'))
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'approval_rejected' } })
})

test('a-grant-that-bears-the-id-of-anothers-approval-does-not-spare-its-use', async () => {
  const opened = await approvalGate({ text: policyText({ approval: '{ quorum: 2 }' }) })
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  const { id } = await approvals.approve(await onlyRequest(opened), { by: bob })
  const scope = {
    actor: 'agent',
    capability: HOUR.capability,
    session: null,
    environment: null,
    tenant: null,
    args: null,
  }
  const expiresAt = (await engine.now()) + 3_600_000
  await handIn(opened, alice, { kind: 'grant', id, scope, uses: null, expires_at: expiresAt })
  let runs = 0
  for (let time = 0; time < 5; time++) if ((await runtime.execute(pay(5000))).authorized) runs += 1
  expect(runs).toBeLessThanOrEqual(1) // bob signed once
})

const mail = (init = {}): ReturnType<typeof read> => read({ resource: 'mail.inbox', session: 's-1', ...init })
const ALLOW_MAIL = 'allow:\n  - mail.read.inbox'
const afterMail = (within: string): string =>
  policyText({
    rest: `deny: [{ id: after-mail, capability: filesystem, after: { capability: mail, within: ${within}, by: session } }]\n${ALLOW_MAIL}`,
  })

test('what-a-process-under-another-policy-allowed-counts-for-a-sequence', async () => {
  const engine = new MemoryEngine()
  const strict = await approvalGate({ engine, text: afterMail('1h') })
  expect(await strict.runtime.execute(read({ session: 's-1' }))).toMatchObject(ALLOWS)
  const old = await approvalGate({ engine, text: policyText({ rest: ALLOW_MAIL }) })
  expect(await old.runtime.execute(mail())).toMatchObject(ALLOWS)
  expect(await strict.runtime.execute(read({ session: 's-1' }))).toMatchObject({ reason: { rule: 'after-mail' } })
})

test('a-sequence-rule-that-comes-back-looks-at-what-was-allowed-while-it-was-away', async () => {
  const engine = new MemoryEngine()
  const first = await approvalGate({ engine, text: afterMail('1h') })
  expect(await first.runtime.execute(read({ session: 's-1' }))).toMatchObject(ALLOWS)
  const between = await approvalGate({ engine, text: policyText({ rest: ALLOW_MAIL }) })
  expect(await between.runtime.execute(mail())).toMatchObject(ALLOWS)
  const again = await approvalGate({ engine, text: afterMail('1h') })
  expect(await again.runtime.execute(read({ session: 's-1' }))).toMatchObject({ reason: { rule: 'after-mail' } })
})

test('a-sequence-whose-window-was-widened-looks-further-back', async () => {
  const clock = { now: 1_800_000_000_000 }
  const place = { engine: engineAt(clock), machine: machineAt(clock) }
  const none = await approvalGate({ ...place, text: policyText({ rest: ALLOW_MAIL }) })
  expect(await none.runtime.execute(mail())).toMatchObject(ALLOWS)
  clock.now += 1.5 * 3_600_000
  await Promise.all(Array.from({ length: 1100 }, () => none.runtime.execute(read({ session: 's-2' }))))
  clock.now += 1.5 * 3_600_000
  const short = await approvalGate({ ...place, text: afterMail('1h') })
  expect(await short.runtime.execute(read({ session: 's-1' }))).toMatchObject(ALLOWS)
  const long = await approvalGate({ ...place, text: afterMail('24h') })
  expect(await long.runtime.execute(read({ session: 's-1' }))).toMatchObject({ reason: { rule: 'after-mail' } })
})

test('a-mark-that-was-set-while-the-clock-was-back-counts-once-it-is-right-again', async () => {
  const clock = { now: 1_800_000_000_000 }
  const { runtime } = await approvalGate({ engine: engineAt(clock), machine: machineAt(clock), text: afterMail('1h') })
  expect(await runtime.execute(read({ session: 's-1' }))).toMatchObject(ALLOWS)
  clock.now -= 2 * 3_600_000
  const back = await runtime.execute(mail())
  clock.now += 2 * 3_600_000
  const after = await runtime.execute(read({ session: 's-1' }))
  expect([back.decision, after.decision]).not.toEqual(['allow', 'allow'])
})

test('an-idle-process-learns-that-a-second-suspension-was-lifted', async () => {
  const { runtime, engine } = await approvalGate()
  const { approvals } = await approvalGate({ engine })
  await approvals.suspend('agent', { by: alice })
  expect(await runtime.execute(read())).toMatchObject({ reason: { code: 'suspended' } })
  for (let time = 0; time < 2; time++) {
    await approvals.resume('agent', { by: alice })
    if (time === 0) await approvals.suspend('agent', { by: alice })
  }
  expect(await approvals.suspensions()).toEqual([])
  expect(await runtime.execute(read())).toMatchObject(ALLOWS)
})

test('a-suspension-that-nobody-signed-does-not-outlast-its-row', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  await approvals.suspend('other', { by: alice })
  const fake = (await engine.list({ prefix: SUSPENSION, limit: 1 }))[0]?.value.replace(
    '"actor":"other"',
    '"actor":"agent"',
  )
  const before = await saved(engine, SUSPENSION)
  await put(engine, SUSPENSION, fake ?? '')
  expect(await runtime.execute(read())).toMatchObject({ reason: { code: 'suspended' } })
  await before()
  expect(await runtime.execute(read())).toMatchObject(ALLOWS)
})
