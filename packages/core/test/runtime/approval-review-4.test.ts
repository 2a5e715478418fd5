import { expect, test } from 'vitest'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { alice, approvalGate, policyText } from './approval-gate.ts'
import { verified } from './approval-trail.ts'
import { pay } from './gate.ts'

// A hostile review, fourth part: engines that refuse, lose, delay and hang, under callers that give up.
const GRANT = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000, uses: 3 } as const

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

test.each(Array.from({ length: 40 }, (_, i) => i + 1))('no-fault-lets-more-run-than-was-granted-or-limited-%i', async (seed) => {
  const roll = dice(seed)
  const engine = new MemoryEngine()
  const rest = 'deny: [{ id: few, capability: payment, amount_lte: 100, limit: { sum: amount, max: 500, per: 24h, by: all } }]\nallow:'
  const text = policyText({ rest })
  const steady = await approvalGate({ engine, text })
  await steady.approvals.grant(GRANT, { by: alice })
  let isOver = false
  const options = { text, deadlineMs: 50, onFault: () => undefined }
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
}, 20_000)
