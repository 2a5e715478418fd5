import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { sha256Hex } from '../../src/kernel/digest.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, pay, read } from './gate.ts'

// What someone who can write the database, but has no key, might do to the rows beside the trail.
const LEASES = { renewAfterMs: 1, startWithinMs: 40, deadAfterMs: 50 }

interface Open {
  readonly fence: CapFence
  readonly faults: string[]
  readonly edit: (sql: string, ...values: string[]) => void
  /** Opens the same trail as another process would. */
  readonly again: () => Promise<CapFence>
}

async function open(): Promise<Open> {
  const home = scratchFolder()
  const db = join(home, 'trail.db')
  const faults: string[] = []
  const again = (): Promise<CapFence> =>
    openCapFence({
      policy: POLICY,
      db,
      machine: homeIn(home),
      leaseTimes: LEASES,
      onFault: ({ message }) => faults.push(message),
    })
  return {
    again,
    fence: await again(),
    faults,
    edit: (sql, ...values) => {
      const database = new DatabaseSync(db)
      database.prepare(sql).run(...values)
      database.close()
    },
  }
}

const put = 'INSERT OR REPLACE INTO state (key, value, version) VALUES (?, ?, 1000000)'

test('a-claim-that-was-deleted-runs-nothing-again-in-the-process-that-saw-it', async () => {
  const { fence, edit } = await open()
  let ran = 0
  await fence.runtime.run(read({ id: 'once' }), () => ran++)
  edit(`DELETE FROM state WHERE key LIKE 'call/%'`)
  const again = fence.runtime.run(read({ id: 'once' }), () => ran++)
  await expect(again).rejects.toMatchObject({ verdict: { reason: { code: 'already_executed' } } })
  expect(ran).toBe(1)
  await fence.close()
})

test('no-forged-open-decision-gets-an-outcome-signed', async () => {
  const { fence, edit } = await open()
  await fence.runtime.run(read({ id: 'done' }), () => undefined)
  const { record } = await fence.runtime.execute(read({ id: 'callers' }))
  edit(put, 'lease/evil', '{"v":1,"at":0}')
  const forged = [
    { eventId: 'done', chain: 'main', seq: 1 },
    { eventId: 'never', chain: 'main', seq: 1 },
    { eventId: 'callers', chain: 'main', seq: record?.seq },
    { eventId: 'far', chain: 'main', seq: 1e300 },
    { eventId: 'minus', chain: 'main', seq: -1 },
    { eventId: 'elsewhere', chain: 'x/y', seq: 0 },
  ]
  for (const row of forged) edit(put, `open/evil/${sha256Hex(row.eventId)}`, JSON.stringify({ v: 1, ...row }))
  edit(put, 'open/evil/zz', 'not json')
  await someTurns(fence)
  const verified = await fence.trail.verify()
  expect(verified).toMatchObject({ exitCode: 0 })
  const outcomes = []
  for await (const { body } of fence.trail.records()) if (body.includes('"kind":"outcome"')) outcomes.push(body)
  expect(outcomes).toHaveLength(1)
  expect(outcomes[0]).toContain('"outcome":"succeeded"')
  await fence.close()
})

test('a-damaged-lease-stops-neither-calls-nor-the-search-for-the-dead', async () => {
  const { fence, faults, edit } = await open()
  edit(put, 'lease/aaa', '{"v":1,"at":"soon"}')
  edit(put, 'lease/bbb', 'null')
  await someTurns(fence)
  expect(faults.some((fault) => fault.includes('lease of writer'))).toBe(true)
  expect((await fence.runtime.execute(read())).authorized).toBe(true)
  await fence.close()
})

test('damaged-requests-are-asked-anew-and-poison-nothing', async () => {
  const { fence, edit } = await open()
  const first = await fence.runtime.execute(pay(5_000))
  edit(`UPDATE state SET value = '{"v":1,"expiresAt":1e300}' WHERE key LIKE 'request/%'`)
  edit(put, 'request/zz', 'null')
  const [again, other] = await Promise.all([fence.runtime.execute(pay(5_000)), fence.runtime.execute(read())])
  expect(other.authorized).toBe(true)
  expect(again.decision).toBe('require_approval')
  const ids = (await fence.approvals.pending()).map(({ id }) => id)
  expect(ids).toEqual([again.decision === 'require_approval' && again.approval.requestId])
  expect(first.decision === 'require_approval' && ids.includes(first.approval.requestId)).toBe(false)
  await fence.close()
})

// Each allowed decision gives the search for dead writers a turn.
async function someTurns(fence: CapFence): Promise<void> {
  for (let turn = 0; turn < 8; turn++) {
    expect((await fence.runtime.execute(read())).authorized).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('a-claim-that-was-deleted-and-ran-again-elsewhere-is-found-by-verify', async () => {
  const { fence, edit, again } = await open()
  await fence.runtime.run(read({ id: 'once' }), () => undefined)
  await fence.close()
  edit(`DELETE FROM state WHERE key LIKE 'call/%'`)
  const other = await again()
  await other.runtime.run(read({ id: 'once' }), () => undefined)
  expect(await other.trail.verify()).toMatchObject({ exitCode: 1, firstBad: { seq: 3 } })
  await other.close()
})
