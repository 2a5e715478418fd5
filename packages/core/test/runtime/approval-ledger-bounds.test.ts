import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { rebuildState } from '../../src/compose/rebuild.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { emptyTrailState, forgetOld } from '../../src/runtime/approval-ledger-model.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { seqSet } from '../../src/runtime/seq-set.ts'
import { scratchFolder } from '../support/scratch.ts'
import { alice, approvalGate, forge, onlyRequest } from './approval-gate.ts'
import { known, verified } from './approval-trail.ts'
import { pay, read } from './gate.ts'

const HOUR = { capability: 'payment.execute.high_value', actor: 'agent', durationMs: 3_600_000 } as const

// The engine, but each listing of state first waits for something else.
function before(engine: BaseDBEngine, work: () => Promise<unknown>): BaseDBEngine {
  return new Proxy(engine, {
    get: (target, name) => {
      if (name === 'list') return async (page: Parameters<BaseDBEngine['list']>[0]) => (await work(), target.list(page))
      const member: unknown = Reflect.get(target, name)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}

describe('a writer that never rests', () => {
  test('leaves-the-state-unheld-and-the-report-says-so', async () => {
    const engine = new MemoryEngine()
    const { runtime } = await approvalGate({ engine })
    await runtime.execute(read())
    let calls = 0
    const busy = before(engine, () => runtime.execute(read({ id: `call-${String((calls += 1))}` })))
    const report = await verified(busy)
    expect(report.status).toBe('authentic')
    expect(report.notes.join()).toContain('was not held against the trail')
    await expect(rebuildState(busy, { trust: (await known(engine)).trust })).rejects.toMatchObject({
      code: 'ENGINE_BUSY',
    })
  })

  test('what-comes-after-the-state-was-read-is-no-difference', async () => {
    const engine = new MemoryEngine()
    const { runtime, approvals } = await approvalGate({ engine })
    await approvals.grant({ ...HOUR, uses: 9 }, { by: alice })
    let left = 3
    const busy = before(engine, async () => {
      left -= 1
      if (left >= 0) await runtime.execute(pay(5000))
    })
    const report = await verified(busy)
    expect(report.firstBad).toBeUndefined()
    expect(report.notes.join()).not.toContain('rebuild')
  })
})

describe('what was erased', () => {
  test('is-no-tampering-and-the-report-says-what-it-could-not-hold', async () => {
    const path = join(scratchFolder(), 'trail.db')
    const engine = new SqliteEngine({ path })
    const gate = await approvalGate({ engine })
    await gate.runtime.execute(pay(5000))
    await gate.approvals.approve(await onlyRequest(gate), { by: alice })
    await gate.runtime.execute(pay(5000))
    const file = new DatabaseSync(path)
    file.exec(`DELETE FROM value`)
    file.close()
    const report = await verified(engine)
    expect(report.status).toBe('authentic')
    expect(report.notes.join()).toContain('held against their context only')
    expect(await rebuildState(engine, await known(engine))).toMatchObject({ changed: 0, lost: 0, requests: 1 })
    await forge(engine, 'request/', () => null)
    expect(await rebuildState(engine, await known(engine))).toMatchObject({ lost: 1, requests: 0 })
    await gate.runtime.close()
    await engine.close()
  })
})

describe('memory', () => {
  test('keeps-what-is-over-until-there-is-much-of-it', async () => {
    const gate = await approvalGate()
    await gate.approvals.grant(HOUR, { by: alice })
    const [grant] = await gate.approvals.grants()
    if (grant === undefined) throw new Error('no grant')
    const state = emptyTrailState()
    const forget = forgetOld(state)
    const add = (id: string): unknown => state.grants.set(id, { ...grant, lastUse: undefined, by: 'alice' })
    for (let count = 0; count < 10_000; count++) add(String(count))
    forget(grant.statement.expires_at + 7_200_000)
    expect([state.grants.size, state.hasForgotten]).toEqual([10_000, false])
    add('one more')
    forget(grant.statement.expires_at)
    expect(state.grants.size).toBe(10_001)
    for (let count = 0; count < 20_002; count++) add(String(count))
    forget(grant.statement.expires_at + 7_200_000)
    expect([state.grants.size, state.hasForgotten]).toEqual([0, true])
  })

  test('a-set-of-records-takes-each-once', () => {
    const set = seqSet()
    expect([0, 7, 8, 100_000, 7, 0, 100_000].map((seq) => set.add(seq))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
