import { expect, test } from 'vitest'
import { GRANTS } from '../../src/approval/grants.ts'
import { INBOX } from '../../src/approval/inbox.ts'
import { SUSPENSION } from '../../src/approval/suspension.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { alice, approvalGate, forge, policyText } from './approval-gate.ts'
import { verified } from './approval-trail.ts'
import { pay, read } from './gate.ts'

// A hostile review, fourth part: engines that refuse, lose, delay and hang, under callers that give up; cost.
const GRANT = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000, uses: 3 } as const

// Short enough that living writers are taken for dead.
const SHORT = { renewAfterMs: 10, startWithinMs: 30, deadAfterMs: 50 }

/** Numbers from 0 to 1 that are the same for a seed. */
function dice(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_507) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** An engine that fails a part of its calls, in every way that a call can fail. */
function shaky(engine: BaseDBEngine, roll: () => number, isOver: () => boolean): BaseDBEngine {
  const fault = (): CapFenceError => new CapFenceError('ENGINE_FAILED', 'a fault of the test')
  const through = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const fate = isOver() ? 1 : roll()
    if (fate < 0.05) throw fault()
    if (fate < 0.1) {
      await work()
      throw fault()
    }
    if (fate < 0.13) {
      await pause(roll() * 60)
      return work()
    }
    if (fate < 0.16) {
      const value = await work()
      await pause(roll() * 60)
      return value
    }
    if (fate < 0.18) {
      void pause(40 + roll() * 40).then(work, () => undefined) // lands late, and nobody hears of it
      throw fault()
    }
    return work()
  }
  return {
    kind: engine.kind,
    identity: engine.identity,
    ephemeral: true,
    open: () => engine.open(),
    now: () => engine.now(),
    read: (wanted) => through(() => engine.read(wanted)),
    commit: (commit) => through(() => engine.commit(commit)),
    list: (page) => engine.list(page),
    chains: () => engine.chains(),
    records: (page) => through(() => engine.records(page)),
    values: (page) => engine.values(page),
    close: () => Promise.resolve(),
  }
}

test.each([1, 2, 3, 104, 105, 106])(
  'no-fault-lets-more-run-than-was-granted-or-limited-%i',
  async (seed) => {
    const roll = dice(seed)
    const engine = new MemoryEngine()
    const rest =
      'deny: [{ id: few, capability: payment, amount_lte: 100, limit: { sum: amount, max: 500, per: 24h, by: all } }]\nallow:'
    const text = policyText({ rest })
    const steady = await approvalGate({ engine, text })
    await steady.approvals.grant(GRANT, { by: alice })
    let isOver = false
    const options = { text, deadlineMs: 50, ...(seed % 2 === 0 ? { leaseTimes: SHORT } : {}), onFault: () => undefined }
    const gates = await Promise.all(
      [1, 2, 3].map(() => approvalGate({ ...options, engine: shaky(engine, roll, () => isOver) })),
    )
    const ran = { big: 0, small: 0 }
    const attempt = async (round: number): Promise<void> => {
      const { runtime } = gates[round % gates.length] ?? steady
      const isBig = roll() < 0.4
      const event = pay(isBig ? 5000 : 100, { id: `call-${String(Math.floor(roll() * 40))}-${String(isBig)}` })
      const stop = new AbortController()
      if (roll() < 0.2) void pause(roll() * 30).then(() => stop.abort())
      const tool = (): void => {
        ran[isBig ? 'big' : 'small'] += 1
      }
      if (roll() < 0.6) return runtime.run(event, tool, { signal: stop.signal }).catch(() => undefined)
      const verdict = await runtime.execute(event)
      if (!verdict.authorized) return
      if (roll() < 0.5) return tool()
      await runtime.report(verdict, 'not_executed').catch(() => undefined)
    }
    await Promise.all(Array.from({ length: 150 }, (_each, round) => pause(roll() * 400).then(() => attempt(round))))
    isOver = true
    await pause(150)
    for (const { runtime } of gates) await runtime.execute(pay(1, { actor: 'last' })) // what landed late is undone
    await Promise.all(gates.map(({ runtime }) => runtime.close()))
    expect(ran.big).toBeLessThanOrEqual(3)
    expect(ran.small).toBeLessThanOrEqual(5)
    expect((await verified(engine)).firstBad).toBeUndefined()
  },
  20_000,
)

test('what-people-said-of-others-does-not-slow-down-every-decision', async () => {
  const { runtime, approvals, engine } = await approvalGate()
  const took = async (): Promise<number> => {
    const startedAt = performance.now()
    await Promise.all(Array.from({ length: 64 }, () => runtime.execute(read())))
    return performance.now() - startedAt
  }
  await approvals.suspend('other', { by: alice })
  await approvals.resume('other', { by: alice })
  await took()
  const before = await took()
  // As if 300 actors had been suspended and let go on again.
  await forge(engine, SUSPENSION, (value) => {
    const state = JSON.parse(value) as { entries: { statement: object }[] }
    const others = Array.from({ length: 300 }, (_each, index) =>
      state.entries.map((entry) => ({ ...entry, statement: { ...entry.statement, actor: `other-${String(index)}` } })),
    )
    return JSON.stringify({ ...state, entries: others.flat() })
  })
  await took()
  expect((await took()) / before).toBeLessThan(8)
}, 30_000)

test('a-grant-that-is-too-long-for-the-policy-does-not-count-from-where-the-database-says', async () => {
  const engine = new MemoryEngine()
  const { approvals } = await approvalGate({ engine })
  const { statement } = await approvals.grant({ ...GRANT, durationMs: 86_400_000 }, { by: alice })
  const text = policyText().replace('version: 1', 'version: 1\napprovals: { max_grant: 1h }')
  const { runtime } = await approvalGate({ engine, text })
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
  const at = 'expires_at' in statement ? statement.expires_at - 3_600_000 : 0
  await forge(engine, GRANTS, (value) => value.replace(/"at":\d+,"chain"/, `"at":${String(at)},"chain"`))
  expect(await runtime.execute(pay(5000))).toMatchObject({ decision: 'require_approval' })
})

test.each(['../../x', 'a/b', '\u00e9'.repeat(255), '.', '..', 'con:1'])(
  'a-statement-under-a-key-with-a-strange-name-reads-no-file-and-leaves-the-inbox-%#',
  async (name) => {
    const faults: string[] = []
    const { runtime, engine } = await approvalGate({ onFault: ({ message }) => faults.push(message) })
    await runtime.execute(read())
    const origin = (await engine.read({ chain: 'main', keys: [] })).head?.head.origin
    const key = ed25519Signer(name, new Uint8Array(32).fill(3)).vkey
    const id = `sus-${'0'.repeat(20)}`
    const statement = { v: 1, origin, approver: 'a', key, at: 0, reason: null, id, kind: 'suspend', actor: null }
    const value = JSON.stringify({ v: 1, waiting: [{ statement, sig: 'AA==' }] })
    await engine.commit({ expect: [{ key: INBOX, version: 0 }], write: [{ key: INBOX, value }] })
    expect(await runtime.execute(read())).toMatchObject({ decision: 'allow' })
    expect((await engine.read({ keys: [INBOX] })).state.size).toBe(0)
    expect(faults).toEqual([])
  },
)
