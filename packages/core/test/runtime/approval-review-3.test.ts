import { expect, test } from 'vitest'
import { GRANTS } from '../../src/approval/grants.ts'
import { INBOX, inboxWrite } from '../../src/approval/inbox.ts'
import { MARKS } from '../../src/approval/marks.ts'
import type { SignedStatement } from '../../src/approval/statement.ts'
import { guardStream } from '../../src/compose/guard-stream.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { alice, approvalGate, engineAt, forge, machineAt, onlyRequest, policyText } from './approval-gate.ts'
import { verified } from './approval-trail.ts'
import { type Gate, pay, read } from './gate.ts'

// A hostile review, third part: replays, people, operators. Those marked HOLE failed when they were written.
const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const
const ALLOWS = { decision: 'allow' }
const SUSPENDED = { reason: { code: 'suspended' } }

/** Puts recorded statements into the inbox once more: everybody who reads the trail has them, signatures and all. */
async function replay({ engine, records }: Gate, kind: string, hint: object = {}): Promise<void> {
  const found = (await records()).find((body) => body.kind === 'statement' && body.statement['kind'] === kind)
  if (found?.kind !== 'statement') throw new Error(`no ${kind} is recorded`)
  const { state } = await engine.read({ keys: [INBOX] })
  const envelope = { statement: found.statement, sig: found.sig, ...hint } as unknown as SignedStatement
  const write = inboxWrite(state.get(INBOX)?.value, envelope)
  if (write === undefined) throw new Error('the inbox is full')
  await engine.commit({ expect: [{ key: INBOX, version: state.get(INBOX)?.version ?? 0 }], write: [write] })
}

test('an-old-suspension-and-its-resume-put-into-the-inbox-again-do-not-lift-a-new-one', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  await approvals.suspend('agent', { by: alice })
  await approvals.resume('agent', { by: alice })
  await replay(opened, 'suspend')
  await runtime.execute(read({ actor: 'other' })) // any commit applies it
  // Told that it is suspended already, or suspended anew: either way the agent is stopped from here on.
  await approvals.suspend('agent', { by: alice, reason: 'incident 7' }).catch(() => undefined)
  await replay(opened, 'resume')
  expect(await runtime.execute(read())).toMatchObject(SUSPENDED)
})

test('a-suspension-that-was-lifted-does-not-come-back-by-itself', async () => {
  const opened = await approvalGate()
  await opened.approvals.suspend(null, { by: alice })
  await opened.approvals.resume(null, { by: alice })
  await replay(opened, 'suspend')
  expect(await opened.runtime.execute(read())).toMatchObject(ALLOWS)
})

test('a-grant-that-is-used-up-is-not-applied-a-second-time', async () => {
  const opened = await approvalGate()
  await opened.approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  expect(await opened.runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  await forge(opened.engine, GRANTS, () => null)
  await replay(opened, 'grant')
  const fresh = await approvalGate({ engine: opened.engine })
  const second = await fresh.runtime.execute(pay(5001))
  const report = await verified(opened.engine)
  // Whoever did not see it may be deceived, but then `verify` must say so.
  expect([second.authorized, report.status]).not.toEqual([true, 'authentic'])
})

test('nobody-lifts-their-own-suspension', async () => {
  const own = ed25519Signer('agent', new Uint8Array(32).fill(9))
  const approvers = `agent: "${own.vkey}", alice: "${alice.vkey}"`
  const { runtime, approvals } = await approvalGate({ text: policyText({ approvers }) })
  await approvals.suspend('agent', { by: alice })
  await approvals.resume('agent', { by: own }).catch(() => undefined)
  expect(await runtime.execute(read())).toMatchObject(SUSPENDED)
})

test('a-report-gives-back-what-the-record-says-was-used-not-what-the-database-says', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  const { id } = await approvals.grant({ ...HOUR, uses: 1 }, { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  const cheap = await runtime.execute(pay(1, { id: 'cheap' }))
  await forge(engine, 'call/', (value) => {
    const claim = JSON.parse(value) as { seq: number }
    const isCheap = cheap.record?.seq === claim.seq
    const spent = { grants: { actor: 'agent', ids: [id] }, request: null, charges: [] }
    return isCheap ? JSON.stringify({ ...claim, spent }) : value
  })
  await runtime.report(cheap, 'not_executed')
  expect(await runtime.execute(pay(5001))).toMatchObject({ decision: 'require_approval' })
})

test('a-mark-that-was-removed-from-the-database-still-counts-for-whoever-set-it', async () => {
  const rest = 'deny: [{ id: after-mail, capability: filesystem, after: { capability: mail, within: 1h, by: actor } }]'
  const { runtime, engine } = await approvalGate({ text: policyText({ rest: `${rest}\nallow:\n  - mail.read.inbox` }) })
  expect(await runtime.execute(read({ resource: 'mail.inbox' }))).toMatchObject(ALLOWS)
  expect(await runtime.execute(read())).toMatchObject({ reason: { rule: 'after-mail' } })
  await forge(engine, MARKS, () => null)
  expect(await runtime.execute(read())).toMatchObject({ decision: 'deny' })
})

test('a-grant-stands-exactly-where-its-signer-was-told-so', async () => {
  const engine = new MemoryEngine()
  const commit = engine.commit.bind(engine)
  const { runtime, approvals } = await approvalGate({ engine, deadlineMs: 50 })
  await runtime.execute(read())
  engine.commit = async (wanted) => {
    const done = await commit(wanted)
    await new Promise((resolve) =>
      setTimeout(resolve, wanted.write.some(({ key }) => key.startsWith(GRANTS)) ? 100 : 0),
    )
    return done
  }
  const told = await approvals.grant({ ...HOUR, uses: 1 }, { by: alice }).then(
    () => 'allow',
    () => 'require_approval',
  )
  await new Promise((resolve) => setTimeout(resolve, 200))
  engine.commit = commit
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: told })
})

const rows = async (engine: BaseDBEngine, prefix: string): Promise<number> =>
  (await engine.list({ prefix, limit: 1000 })).length

test('requests-that-are-over-do-not-pile-up', async () => {
  const clock = { now: 1_800_000_000_000 }
  const engine = engineAt(clock)
  const { runtime } = await approvalGate({ engine, machine: machineAt(clock) })
  for (let day = 0; day < 5; day++) {
    for (let each = 0; each < 20; each++) await runtime.execute(pay(2000 + day * 20 + each))
    clock.now += 24 * 3_600_000
  }
  expect(await rows(engine, 'request/')).toBeLessThanOrEqual(40)
})

test('what-is-signed-lives-as-long-as-the-question-said', async () => {
  const opened = await approvalGate()
  const verdict = await opened.runtime.execute(pay(5000))
  if (verdict.decision !== 'require_approval') throw new Error('it did not ask')
  await forge(opened.engine, 'request/', (value) => value.replace(/"grantMs":\d+/, '"grantMs":31536000000'))
  const signed = await opened.approvals
    .approve(verdict.approval.requestId, { by: alice })
    .then(({ statement }) => ('expires_at' in statement ? statement.expires_at : 0))
    .catch(() => 0)
  expect(signed).toBeLessThanOrEqual(verdict.approval.expiresAt + 600_000)
})

test('a-stream-that-was-left-early-is-not-given-again-as-if-it-were-whole', async () => {
  const rest = 'tools: { read: { capability: filesystem.read.workspace } }\nallow:'
  const { runtime } = await approvalGate({ text: policyText({ rest }) })
  const context = { actor: 'agent', environment: 'production', risk: 'low', args: {}, run: 'r', callId: 'c' } as const
  const call = { adapter: 'test', tool: 'read', ...context }
  const tool = async function* (): AsyncGenerator<number> {
    for (const piece of [1, 2, 3]) yield await Promise.resolve(piece)
  }
  for await (const piece of guardStream(runtime, call, tool)) if (piece === 1) break
  const again: number[] = []
  const whole = (async () => {
    for await (const piece of guardStream(runtime, call, tool)) again.push(piece)
  })()
  await whole.catch(() => undefined)
  expect(again).not.toEqual([1]) // all of it, or a refusal
})

test('a-used-approval-handed-in-again-approves-nothing', async () => {
  const opened = await approvalGate()
  const { runtime, approvals, engine } = opened
  await runtime.execute(pay(5000))
  await approvals.approve(await onlyRequest(opened), { by: alice })
  expect(await runtime.execute(pay(5000))).toMatchObject(ALLOWS)
  const [entry] = await engine.list({ prefix: 'request/', limit: 1 })
  const hint = { digest: entry?.key.slice('request/'.length), actor: 'agent' }
  for (let time = 0; time < 2; time++) {
    await replay(opened, 'approve', hint)
    expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  }
})

test('names-like-__proto__-in-arguments-and-fields-neither-open-nor-break-anything', async () => {
  const opened = await approvalGate()
  const { runtime, approvals } = opened
  const args = JSON.parse('{"amount":5000,"__proto__":{"amount":1},"constructor":{"prototype":1}}') as object
  const event = pay(0, { actor: '__proto__', args })
  expect(await runtime.execute(event)).toMatchObject({ decision: 'require_approval' })
  const { event: shown } = await approvals.show(await onlyRequest(opened))
  expect(Object.keys(shown.args)).toContain('__proto__')
  await approvals.approve(await onlyRequest(opened), { by: alice })
  expect(await runtime.execute(event)).toMatchObject(ALLOWS)
  await approvals.suspend('__proto__', { by: alice })
  expect(await runtime.execute(event)).toMatchObject(SUSPENDED)
})

test('a-batch-of-many-actors-is-not-failed-by-one-whose-state-is-damaged', async () => {
  const { runtime, engine } = await approvalGate()
  await runtime.execute(pay(5000, { actor: 'bad' }))
  await forge(engine, 'backlog/', () => '{')
  const events = ['bad', 'good', 'bad', 'fine'].map((actor) => pay(6000, { actor }))
  const answers = await Promise.all(events.map((event) => runtime.execute(event)))
  expect(answers.map(({ decision }) => decision)).toEqual(['deny', 'require_approval', 'deny', 'require_approval'])
})
