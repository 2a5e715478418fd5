import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { CallRefusedError } from '../../src/action/call-refused-error.ts'
import type { Verdict } from '../../src/action/verdict.ts'
import { ActionRuntime } from '../../src/compose/action-runtime.ts'
import { ApprovalEngine } from '../../src/compose/approval-engine.ts'
import { CapabilitySystem } from '../../src/compose/capability-system.ts'
import { ImmutableAuditTrail } from '../../src/compose/immutable-audit-trail.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { machine } from '../../src/kernel/ports.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { type Gate, gate, pay, read, wipe } from './gate.ts'

const codeOf = async (verdict: Promise<Verdict>): Promise<string> => (await verdict).reason.code

async function refusal(run: Promise<unknown>): Promise<CallRefusedError> {
  const error = await run.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error instanceof CallRefusedError) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

async function outcomes(of: Gate): Promise<readonly string[]> {
  return (await of.records()).flatMap((body) => (body.kind === 'outcome' ? [body.outcome] : []))
}

test('an-allow-runs-the-tool-once-on-a-copy-and-leaves-a-decision-and-an-outcome', async () => {
  const opened = await gate()
  const args = { file: 'a.txt', when: new Date(0), deep: { list: [1] } }
  const seen: unknown[] = []
  const pending = opened.runtime.run(read({ args }), (judged) => {
    seen.push(judged)
    return 'text'
  })
  args.file = '/etc/shadow' // after the call, before the verdict
  expect(await pending).toBe('text')
  expect(seen).toEqual([{ file: 'a.txt', when: new Date(0), deep: { list: [1] } }])
  expect((await opened.records()).map(({ kind }) => kind)).toEqual(['opened', 'decision', 'outcome'])
  expect(await outcomes(opened)).toEqual(['succeeded'])
})

test('a-deny-never-runs-the-tool-and-tells-the-rule-not-the-input', async () => {
  const opened = await gate()
  const error = await refusal(opened.runtime.run(wipe(), () => expect.unreachable()))
  expect(error.verdict.reason).toMatchObject({ code: 'policy_deny', rule: 'no-deletes' })
  expect(error.message).toContain('no-deletes')
  expect(error.message).toContain('ops runbook')
  expect(error.message).not.toContain('rm -rf /srv')
  expect(await outcomes(opened)).toEqual([])
})

test('what-no-rule-speaks-of-never-runs', async () => {
  const { runtime } = await gate()
  const error = await refusal(runtime.run(read({ resource: 'filesystem.secrets' }), () => expect.unreachable()))
  expect(error.verdict.reason.code).toBe('policy_default')
})

test('a-question-is-one-pending-request-however-often-it-is-asked', async () => {
  const { runtime, approvals } = await gate()
  const first = await refusal(runtime.run(pay(5_000), () => expect.unreachable()))
  const again = await refusal(runtime.run(pay(5_000), () => expect.unreachable()))
  const other = await refusal(runtime.run(pay(5_001), () => expect.unreachable()))
  const ids = [first, again, other].map(
    ({ verdict }) => verdict.decision === 'require_approval' && verdict.approval.requestId,
  )
  expect(ids[0]).toBe(ids[1])
  expect(ids[2]).not.toBe(ids[0])
  expect(new Set((await approvals.pending()).map(({ id }) => id))).toEqual(new Set([ids[0], ids[2]]))
  expect(first.message).toContain(String(ids[0]))
  expect(first.message).not.toContain('5000')
})

test('an-actor-with-too-many-requests-waits-before-asking-more', async () => {
  const { runtime } = await gate()
  for (let amount = 2_000; amount < 2_100; amount++)
    expect(await codeOf(runtime.execute(pay(amount)))).toBe('policy_ask')
  expect(await codeOf(runtime.execute(pay(3_000)))).toBe('approval_backlog')
  expect(await codeOf(runtime.execute(pay(2_000)))).toBe('policy_ask')
  expect(await codeOf(runtime.execute(pay(3_000, { actor: 'another' })))).toBe('policy_ask')
})

test('an-allowed-identity-is-never-authorized-again', async () => {
  const { runtime } = await gate()
  await runtime.run(read({ id: 'call-1' }), () => undefined)
  expect(await codeOf(runtime.execute(read({ id: 'call-1' })))).toBe('already_executed')
  const error = await refusal(runtime.run(read({ id: 'call-1' }), () => expect.unreachable()))
  expect(error.verdict.reason.code).toBe('already_executed')
})

test('of-a-hundred-calls-with-one-identity-exactly-one-runs', async () => {
  const { runtime } = await gate()
  let ran = 0
  const calls = Array.from({ length: 100 }, () => runtime.run(read({ id: 'call-1' }), () => ran++))
  const ended = await Promise.allSettled(calls)
  expect(ran).toBe(1)
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('an-identity-with-other-arguments-or-context-is-refused-and-claims-nothing', async () => {
  const { runtime } = await gate()
  await runtime.execute(pay(5_000, { id: 'call-1' }))
  expect(await codeOf(runtime.execute(pay(1, { id: 'call-1' })))).toBe('id_reuse')
  expect(await codeOf(runtime.execute(pay(5_000, { id: 'call-1', session: 'other' })))).toBe('id_reuse')
  expect(await codeOf(runtime.execute(pay(5_000, { id: 'call-1' })))).toBe('policy_ask')
})

test('a-policy-denial-is-final-for-its-identity', async () => {
  const opened = await gate()
  expect(await codeOf(opened.runtime.execute(wipe({ id: 'call-1' })))).toBe('policy_deny')
  expect(await codeOf(opened.runtime.execute(wipe({ id: 'call-1' })))).toBe('policy_deny')
  expect((await opened.records()).filter(({ kind }) => kind === 'decision')).toHaveLength(2)
})

test('what-was-not-executed-may-be-tried-again', async () => {
  const { runtime } = await gate()
  const verdict = await runtime.execute(read({ id: 'call-1' }))
  await runtime.report(verdict, 'not_executed')
  expect(await codeOf(runtime.execute(read({ id: 'call-1' })))).toBe('policy_allow')
})

test('an-outcome-is-reported-once', async () => {
  const { runtime } = await gate()
  const verdict = await runtime.execute(read())
  await runtime.report(verdict, 'succeeded')
  await expect(runtime.report(verdict, 'not_executed')).rejects.toMatchObject({ code: 'REPORT_REFUSED' })
  const denied = await runtime.execute(wipe())
  await expect(runtime.report(denied, 'succeeded')).rejects.toMatchObject({ code: 'REPORT_REFUSED' })
})

test('what-cannot-be-an-event-is-a-recorded-denial', async () => {
  const opened = await gate()
  const hostile = { file: 'x', toString: () => 'y' }
  const spied = new Proxy({}, { ownKeys: () => { throw new Error('secret') } }) // prettier-ignore
  for (const args of [hostile, spied, { big: 1n }, { nan: Number.NaN }, 'text', [1]]) {
    const error = await refusal(opened.runtime.run(read({ args }), () => expect.unreachable()))
    expect(error.verdict.reason.code).toBe('invalid_event')
    expect(error.verdict.record).not.toBeNull()
    expect(error.message).not.toContain('secret')
  }
  const stray = { ...read(), tennant: 'acme' }
  expect(await codeOf(opened.runtime.execute(stray))).toBe('invalid_event')
  expect((await opened.records()).filter(({ kind }) => kind === 'decision')).toHaveLength(7)
})

test('context-inside-the-arguments-changes-nothing', async () => {
  const { runtime } = await gate()
  const args = { command: 'rm -rf /', environment: 'staging', actor: 'admin', capability: 'filesystem.read.workspace' }
  expect(await codeOf(runtime.execute(wipe({ args })))).toBe('policy_deny')
})

test('without-a-policy-nothing-runs', async () => {
  const runtime = new ActionRuntime({
    capabilitySystem: new CapabilitySystem(),
    approvalEngine: new ApprovalEngine(),
    auditTrail: new ImmutableAuditTrail(),
    engine: new MemoryEngine(),
    signer: { vkey: 'x', keyId: 'x', sign: () => new Uint8Array(64) },
  })
  expect(await codeOf(runtime.execute(read()))).toBe('fault_policy')
})

test('two-policies-in-one-system-are-refused-instead-of-dropping-the-first', async () => {
  const caps = new CapabilitySystem()
  await caps.loadPolicy(new URL('policy.yaml', import.meta.url).pathname)
  const again = caps.loadPolicy(new URL('policy.yaml', import.meta.url).pathname)
  await expect(again).rejects.toMatchObject({ code: 'POLICY_INVALID' })
})

test('parts-on-two-engines-are-refused', () => {
  const parts = {
    capabilitySystem: new CapabilitySystem(),
    approvalEngine: new ApprovalEngine({ engine: new MemoryEngine() }),
    auditTrail: new ImmutableAuditTrail({ engine: new MemoryEngine() }),
  }
  expect(() => new ActionRuntime(parts)).toThrow(expect.objectContaining({ code: 'ENGINE_MISMATCH' }))
})

test('a-tools-own-error-is-an-outcome-not-a-refusal', async () => {
  const opened = await gate()
  const own = new RangeError('the password is hunter2')
  const run = opened.runtime.run(read(), () => {
    throw own
  })
  await expect(run).rejects.toBe(own)
  const records = await opened.records()
  expect(records.at(-1)).toMatchObject({ kind: 'outcome', outcome: 'failed', error: 'RangeError' })
  expect(JSON.stringify(records)).not.toContain('hunter2')
})

test('a-tool-that-takes-too-long-is-told-so-and-recorded', async () => {
  const opened = await gate()
  const run = opened.runtime.run(read(), (_args, { signal }) => new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { reject(new Error('aborted')) })
  }), { timeoutMs: 20 }) // prettier-ignore
  await expect(run).rejects.toMatchObject({ code: 'TOOL_TIMED_OUT' })
  expect(await outcomes(opened)).toEqual(['timed_out'])
})

test('an-abort-before-the-start-never-runs-the-tool-and-is-recorded', async () => {
  const opened = await gate()
  const early = await refusal(opened.runtime.run(read(), () => expect.unreachable(), { signal: AbortSignal.abort() }))
  expect(early.verdict.reason.code).toBe('cancelled')
  const controller = new AbortController()
  const run = opened.runtime.run(read({ id: 'call-1' }), () => expect.unreachable(), { signal: controller.signal })
  controller.abort()
  expect((await refusal(run)).verdict.reason.code).toBe('cancelled')
  expect(await outcomes(opened)).toEqual(['not_executed'])
  expect(await codeOf(opened.runtime.execute(read({ id: 'call-1' })))).toBe('policy_allow')
})

test('a-process-that-slept-past-its-lease-starts-no-tool', async () => {
  const real = machine()
  let skew = 0
  const clock = { ...real.clock, monotonic: () => real.clock.monotonic() + skew }
  const engine = new MemoryEngine()
  const commit = engine.commit.bind(engine)
  engine.commit = async (wanted) => {
    const result = await commit(wanted)
    skew = 60_000 // the machine sleeps between the commit and its answer
    return result
  }
  const opened = await gate({ engine, machine: { ...real, clock }, deadlineMs: 1_000_000 })
  const error = await refusal(opened.runtime.run(read(), () => expect.unreachable()))
  expect(error.verdict.reason.code).toBe('deadline')
  expect(await outcomes(opened)).toEqual(['not_executed'])
})

test('a-full-queue-denies-at-once', async () => {
  const { runtime } = await gate()
  const verdicts = await Promise.all(Array.from({ length: 5_000 }, () => runtime.execute(read())))
  expect(verdicts.filter(({ authorized }) => authorized).length).toBe(4_096)
  expect(verdicts.filter(({ reason }) => reason.code === 'audit_backpressure').length).toBe(904)
})

test('a-closed-runtime-denies-and-waits-for-what-runs', async () => {
  const opened = await gate()
  let done = false
  const run = opened.runtime.run(read(), async () => {
    await new Promise((resolve) => setTimeout(resolve, 30))
    done = true
  })
  await new Promise((resolve) => setTimeout(resolve, 10))
  await opened.runtime.close()
  expect(done).toBe(true)
  await run
  expect(await outcomes(opened)).toEqual(['succeeded'])
  expect((await opened.runtime.execute(read())).authorized).toBe(false)
})

test('a-preview-records-nothing', async () => {
  const opened = await gate()
  expect(await opened.runtime.preview(wipe())).toMatchObject({
    decision: 'deny',
    code: 'policy_deny',
    rule: 'no-deletes',
  })
  expect(await opened.runtime.preview(pay(5_000))).toMatchObject({ decision: 'require_approval', code: 'policy_ask' })
  expect(await opened.records()).toEqual([])
})

test('in-observe-mode-tools-run-and-what-would-have-been-said-is-recorded', async () => {
  const opened = await gate({ policy: new URL('observe.yaml', import.meta.url).pathname })
  expect(await opened.runtime.run(wipe(), () => 'ran')).toBe('ran')
  expect(await opened.runtime.execute(pay(5_000))).toMatchObject({
    authorized: true,
    enforced: false,
    reason: { code: 'observed', rule: 'big-payments' },
  })
  expect(await opened.approvals.pending()).toEqual([])
  const decisions = (await opened.records()).filter((body) => body.kind === 'decision')
  expect(decisions).toMatchObject([
    { decision: 'deny', code: 'policy_deny', rule: 'no-deletes', enforced: false, outcome: 'open' },
    { decision: 'require_approval', code: 'policy_ask', enforced: false, outcome: 'caller' },
  ])
  expect(await codeOf(opened.runtime.execute(read({ args: { big: 1n } })))).toBe('invalid_event')
})

test('a-locked-database-denies-in-time-and-freezes-nothing', async () => {
  const home = scratchFolder()
  const engine = new SqliteEngine({ path: join(home, 'trail.db'), machine: homeIn(home) })
  const { runtime } = await gate({ engine, machine: homeIn(home), deadlineMs: 1_500 })
  expect(await codeOf(runtime.execute(read()))).toBe('policy_allow')
  const other = new DatabaseSync(join(home, 'trail.db'))
  other.exec('BEGIN IMMEDIATE')
  let ticks = 0
  const ticking = setInterval(() => ticks++, 5)
  const code = await codeOf(runtime.execute(read()))
  clearInterval(ticking)
  expect(['contention', 'deadline']).toContain(code)
  expect(ticks).toBeGreaterThan(10)
  other.exec('ROLLBACK')
  other.close()
  await expect.poll(() => codeOf(runtime.execute(read()))).toBe('policy_allow')
  await runtime.close()
  await engine.close()
})
