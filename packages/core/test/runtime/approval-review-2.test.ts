import { expect, test } from 'vitest'
import { GRANTS } from '../../src/approval/grants.ts'
import { INBOX } from '../../src/approval/inbox.ts'
import { guard } from '../../src/compose/guard.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { alice, approvalGate, bob, engineAt, forge, machineAt, onlyRequest, policyText } from './approval-gate.ts'
import { pay, read } from './gate.ts'

// A hostile review, second part: faults, poison, growth. Those marked HOLE failed when they were written.
const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const
const ALLOWS = { decision: 'allow' }
const AFTER = policyText({
  rest: 'deny: [{ id: after-mail, capability: payment, after: { capability: mail, within: 1h, by: actor } }]\nallow:',
})

/** An engine of which one method goes wrong from its n-th call on. */
function broken(
  method: 'open' | 'read' | 'records' | 'commit',
  from: number,
  work: () => Promise<never>,
): MemoryEngine {
  const engine = new MemoryEngine()
  const own = engine[method].bind(engine) as (...args: readonly unknown[]) => Promise<unknown>
  let calls = 0
  Object.assign(engine, { [method]: (...args: readonly unknown[]) => (++calls >= from ? work() : own(...args)) })
  return engine
}
const refuse = (): Promise<never> => Promise.reject(new Error('the disk is gone'))
const hang = (): Promise<never> => new Promise(() => undefined)
const late = Symbol('no answer')
const within = <Value>(work: Promise<Value>, ms = 1500): Promise<Value | typeof late> =>
  Promise.race([work, new Promise<typeof late>((resolve) => setTimeout(() => resolve(late), ms))])

test.each(['open', 'read'] as const)(
  'nothing-escapes-execute-where-the-engine-fails-at-%s-and-a-rule-has-after',
  async (method) => {
    const { runtime } = await approvalGate({ engine: broken(method, 1, refuse), text: AFTER })
    const verdict = await runtime.execute(pay(5)).catch((cause: unknown) => cause)
    expect(verdict).toMatchObject({ decision: 'deny', reason: { code: 'fault_engine' } })
  },
)

test.each(['open', 'read'] as const)(
  'execute-answers-where-the-engine-hangs-at-%s-and-a-rule-has-after',
  async (method) => {
    const { runtime } = await approvalGate({ engine: broken(method, 1, hang), text: AFTER, deadlineMs: 100 })
    expect(await within(runtime.execute(pay(5)))).toMatchObject({ decision: 'deny' })
  },
)

test('preview-answers-where-the-engine-hangs', async () => {
  const { runtime } = await approvalGate({ engine: broken('read', 1, hang), deadlineMs: 100 })
  expect(await within(runtime.preview(pay(5)))).toMatchObject({ decision: 'deny' })
})

test('a-call-that-was-refused-while-the-trail-could-not-be-searched-is-judged-anew', async () => {
  const engine = new MemoryEngine()
  const read = engine.read.bind(engine)
  let calls = 0
  engine.read = (wanted) =>
    ++calls === 1 ? Promise.reject(new CapFenceError('ENGINE_FAILED', 'for a moment')) : read(wanted)
  const { runtime } = await approvalGate({ engine, text: AFTER })
  expect(await runtime.execute(pay(5, { id: 'once' }))).toMatchObject({ decision: 'deny' })
  expect(await runtime.execute(pay(5, { id: 'once' }))).toMatchObject(ALLOWS)
})

test('waiting-ends-with-the-signal-also-where-the-engine-hangs', async () => {
  const engine = new MemoryEngine()
  const opened = await approvalGate({ engine })
  await opened.runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  engine.read = hang
  const answer = opened.approvals.waitFor(request, { signal: AbortSignal.timeout(50), everyMs: 5 })
  expect(await within(answer.catch(() => 'ended'))).toBe('ended')
})

async function poison(engine: BaseDBEngine, statement: object, hint: object = {}): Promise<void> {
  const value = JSON.stringify({ v: 1, waiting: [{ statement, sig: 'AA==', ...hint }] })
  await engine.commit({ expect: [{ key: INBOX, version: 0 }], write: [{ key: INBOX, value }] })
}
const COMMON = { v: 1, origin: 'x', approver: 'a', key: alice.vkey, at: 0, reason: null, id: `abc-${'0'.repeat(20)}` }
const SCOPE = { actor: 'a', capability: 'a.b.c', session: null, environment: null, tenant: null, args: '\ud800' }

test('a-lone-surrogate-in-an-unsigned-statement-does-not-stop-every-commit', async () => {
  const { runtime, engine } = await approvalGate({ onFault: () => undefined })
  await runtime.execute(read())
  await poison(engine, { ...COMMON, id: `grt-${'0'.repeat(20)}`, kind: 'grant', scope: SCOPE, uses: 1, expires_at: 1 })
  expect(await runtime.execute(read())).toMatchObject(ALLOWS)
})

test.each(['0'.repeat(1000), '\ud800', 'a\0b'])(
  'a-hint-that-is-no-state-key-does-not-stop-every-commit-%#',
  async (digest) => {
    const { runtime, engine } = await approvalGate({ onFault: () => undefined })
    await runtime.execute(read())
    const zeros = '0'.repeat(20)
    const said = { id: `rej-${zeros}`, kind: 'reject', request: `req-${zeros}`, digest: '0'.repeat(64) }
    await poison(engine, { ...COMMON, ...said }, { digest, actor: 'a' })
    expect(await runtime.execute(read())).toMatchObject(ALLOWS)
  },
)

test('a-signature-that-no-record-can-hold-does-not-stop-every-commit', async () => {
  const { runtime, engine } = await approvalGate({ onFault: () => undefined })
  await runtime.execute(read())
  const statement = { ...COMMON, id: `sus-${'0'.repeat(20)}`, kind: 'suspend', actor: null }
  const value = JSON.stringify({ v: 1, waiting: [{ statement, sig: '\ud800' }] })
  await engine.commit({ expect: [{ key: INBOX, version: 0 }], write: [{ key: INBOX, value }] })
  expect(await runtime.execute(read())).toMatchObject(ALLOWS)
})

test('a-damaged-grant-is-left-out-and-hinders-no-other', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await approvals.grant(HOUR, { by: alice })
  await forge(engine, GRANTS, (value) => {
    const held = JSON.parse(value) as { v: 1; grants: { statement: object }[] }
    const [good] = held.grants
    const bad = {
      ...good,
      statement: { ...good?.statement, scope: { ...SCOPE, actor: 'agent', capability: HOUR.capability } },
    }
    return JSON.stringify({ ...held, grants: [bad, good] })
  })
  expect(await approvals.grants().catch((cause: unknown) => cause)).toHaveLength(1)
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
})

test('an-agent-cannot-lock-a-limit-that-others-share-with-small-change', async () => {
  const clock = { now: 1_800_000_000_000 }
  const rest =
    'deny: [{ id: few, capability: payment, limit: { sum: amount, max: 5000, per: 1h, by: environment } }]\nallow:'
  const place = { engine: engineAt(clock), machine: machineAt(clock) }
  const { runtime } = await approvalGate({ ...place, text: policyText({ rest }) })
  await runtime.execute(pay(1e-253))
  expect(await runtime.execute(pay(1000))).toMatchObject(ALLOWS)
  expect.soft(await runtime.execute(pay(1000, { actor: 'innocent' }))).toMatchObject(ALLOWS)
  clock.now += 24 * 3_600_000 // long after the window
  expect(await runtime.execute(pay(1000, { actor: 'innocent' }))).toMatchObject(ALLOWS)
})

test('waiting-and-pending-count-an-approver-by-the-name-that-is-trusted', async () => {
  const key = ed25519Signer('laptop', new Uint8Array(32).fill(9))
  const text = policyText({ approval: '{ approvers: ["ops-*"] }', approvers: `ops-carol: "${key.vkey}"` })
  const opened = await approvalGate({ text })
  await opened.runtime.execute(pay(5000))
  const request = await onlyRequest(opened)
  await opened.approvals.approve(request, { by: key })
  expect(await opened.approvals.pending()).toEqual([])
  expect(await within(opened.approvals.waitFor(request, { everyMs: 5 }), 300)).toBe('approved')
})

test('an-approver-who-does-not-count-does-not-hide-the-question-from-those-who-do', async () => {
  const key = ed25519Signer('ops-evil', new Uint8Array(32).fill(9))
  const approvers = `intern: "${key.vkey}", ops-bob: "${bob.vkey}"`
  const opened = await approvalGate({ text: policyText({ approval: '{ approvers: ["ops-*"] }', approvers }) })
  await opened.runtime.execute(pay(5000))
  await opened.approvals.approve(await onlyRequest(opened), { by: key })
  expect(await opened.runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  expect(await opened.approvals.pending()).toHaveLength(1)
})

test('a-question-that-a-new-policy-wants-more-signatures-for-is-listed-again', async () => {
  const engine = new MemoryEngine()
  const old = await approvalGate({ engine })
  await old.runtime.execute(pay(5000))
  await old.approvals.approve(await onlyRequest(old), { by: alice })
  const strict = await approvalGate({ engine, text: policyText({ approval: '{ quorum: 2 }' }) })
  expect(await strict.runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  expect(await strict.approvals.pending()).toHaveLength(1)
})

test('a-call-with-a-chain-of-agents-above-it-is-not-a-direct-one', async () => {
  const rest = 'deny: [{ id: deep, capability: filesystem, caller_depth_gt: 0 }]\nallow:'
  const { runtime } = await approvalGate({
    text: policyText({ rest: `tools: { read: { capability: filesystem.read.workspace } }\n${rest}` }),
  })
  const call = {
    adapter: 'test',
    tool: 'read',
    actor: 'agent',
    environment: 'production',
    risk: 'low',
    args: {},
  } as const
  await expect(guard(runtime, { ...call, actorChain: ['boss'] }, () => 'ran')).rejects.toMatchObject({
    verdict: { reason: { rule: 'deep' } },
  })
})

test('people-are-told-of-a-question-whose-commit-outlived-its-caller', async () => {
  const told: string[] = []
  const engine = new MemoryEngine()
  const commit = engine.commit.bind(engine)
  let slow = true
  engine.commit = async (wanted) => {
    const done = await commit(wanted)
    if (slow) await new Promise((resolve) => setTimeout(resolve, 80))
    return done
  }
  const { ApprovalEngine } = await import('../../src/compose/approval-engine.ts')
  const approvalEngine = new ApprovalEngine({ notify: ({ requestId }) => void told.push(requestId) })
  const { runtime } = await approvalGate({ engine, approvalEngine, deadlineMs: 50 })
  expect(await runtime.execute(pay(5000))).toMatchObject({ reason: { code: 'deadline' } })
  await new Promise((resolve) => setTimeout(resolve, 100))
  slow = false
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  expect(told).toHaveLength(1)
})

test('the-trail-is-searched-once-for-a-new-sequence-however-many-calls-come-at-once', async () => {
  const engine = new MemoryEngine()
  const before = await approvalGate({ engine })
  await Promise.all(Array.from({ length: 600 }, () => before.runtime.execute(read())))
  const records = engine.records.bind(engine)
  let pages = 0
  engine.records = (page) => {
    if (page.limit > 1) pages += 1
    return records(page)
  }
  const after = await approvalGate({ engine, text: AFTER })
  await Promise.all(Array.from({ length: 10 }, () => after.runtime.execute(pay(1))))
  expect(pages).toBeLessThan(5)
})

test('a-call-that-two-callers-make-at-once-under-one-id-runs-once-also-with-an-unlimited-grant', async () => {
  const { runtime, approvals } = await approvalGate()
  await approvals.grant(HOUR, { by: alice })
  const all = await Promise.all(Array.from({ length: 50 }, () => runtime.execute(pay(5000, { id: 'one' }))))
  expect(all.filter(({ authorized }) => authorized)).toHaveLength(1)
})

test('a-call-that-is-reported-twice-as-never-run-is-given-back-once', async () => {
  const { runtime, approvals } = await approvalGate()
  await approvals.grant({ ...HOUR, uses: 2 }, { by: alice })
  const first = await runtime.execute(pay(5000))
  expect(await runtime.execute(pay(5001))).toMatchObject(ALLOWS)
  const reports = await Promise.allSettled([1, 2, 3].map(() => runtime.report(first, 'not_executed')))
  expect(reports.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await runtime.execute(pay(5002))).toMatchObject(ALLOWS)
  expect(await runtime.execute(pay(5003))).toMatchObject({ decision: 'require_approval' })
})
