import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StoredRecord } from '../../src/audit/chain-store.ts'
import { decodeBody } from '../../src/audit/decode-body.ts'
import { ImmutableAuditTrail } from '../../src/compose/immutable-audit-trail.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { homeIn } from '../support/home-in.ts'
import { start } from '../support/many.ts'
import { scratchFolder } from '../support/scratch.ts'

const CHILD = new URL('writer-child.ts', import.meta.url).pathname
const POLICY = join(import.meta.dirname, 'policy.yaml')

test('eight-processes-write-one-chain-without-fork-or-gap', { timeout: 120_000 }, async () => {
  const home = scratchFolder()
  const writers = Array.from({ length: 8 }, () => start(CHILD, ['execute', home, '500', '16']))
  const said = await Promise.all(writers.map(async ({ ended }) => JSON.parse(await ended) as { maxDelayMs: number }))
  const records = await allRecords(home)
  const decisions = records.filter(({ body }) => decodeBody(body).kind === 'decision')
  expect(decisions).toHaveLength(4_000)
  expect(records.map(({ seq }) => seq)).toEqual(records.map((_record, index) => index))
  expect(await verified(home)).toMatchObject({ exitCode: 0 })
  // A lock that is waited for inside SQLite would freeze a loop for as long as the others write: many seconds here.
  for (const { maxDelayMs } of said) expect(maxDelayMs).toBeLessThan(2_000)
})

test('a-killed-writer-leaves-no-tool-without-its-decision', { timeout: 300_000 }, async () => {
  const home = scratchFolder()
  const marks = join(home, 'marks')
  for (let round = 0; round < 50; round++) {
    const { child, ended } = start(CHILD, ['run', home, '100000', '4', marks])
    const gone = ended.catch(() => undefined)
    const before = marked(marks)
    // Killed at a random moment after its first tools ran, or never came to run any.
    const patience = Date.now() + 3_000
    while (marked(marks) === before && Date.now() < patience) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
    child.kill('SIGKILL')
    await gone
  }
  await new Promise((resolve) => setTimeout(resolve, 700)) // longer than the short leases live
  await reap(home)
  const bodies = (await allRecords(home)).map(({ body }) => decodeBody(body))
  const allowed = new Set(
    bodies.flatMap((body) => (body.kind === 'decision' && body.decision === 'allow' ? [body.event.id] : [])),
  )
  const ran = readFileSync(marks, 'utf8').trimEnd().split('\n')
  expect(ran.length).toBeGreaterThan(50)
  expect(ran.filter((id) => !allowed.has(id))).toEqual([])
  expect(new Set(ran).size).toBe(ran.length)
  const opened = bodies.filter((body) => body.kind === 'decision' && body.outcome === 'open').map(({ seq }) => seq)
  const ended = new Set(bodies.flatMap((body) => (body.kind === 'outcome' ? [body.of.seq] : [])))
  expect(opened.filter((seq) => !ended.has(seq))).toEqual([])
  expect(bodies.some((body) => body.kind === 'outcome' && body.outcome === 'unknown' && body.by === 'lease')).toBe(true)
  expect(await verified(home)).toMatchObject({ exitCode: 0 })
})

function marked(marks: string): number {
  return existsSync(marks) ? readFileSync(marks).length : 0
}

// A new writer finds the dead ones: its first decisions close what they left open.
async function reap(home: string): Promise<void> {
  const leaseTimes = { renewAfterMs: 1, startWithinMs: 400, deadAfterMs: 500 }
  const fence = await openCapFence({ policy: POLICY, db: join(home, 'trail.db'), machine: homeIn(home), leaseTimes })
  for (let round = 0; round < 20; round++) {
    await fence.runtime.execute({
      actor: 'reaper',
      action: 'read',
      resource: 'filesystem.workspace',
      environment: 'test',
      risk: 'low',
    })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await fence.close()
}

async function allRecords(home: string): Promise<readonly StoredRecord[]> {
  const engine = new SqliteEngine({ path: join(home, 'trail.db'), readOnly: true, machine: homeIn(home) })
  await engine.open()
  const records: StoredRecord[] = []
  for (;;) {
    const page = await engine.records({ chain: 'main', from: records.length, limit: 1_000 })
    if (page.length === 0) break
    records.push(...page)
  }
  await engine.close()
  return records
}

async function verified(home: string): Promise<unknown> {
  const machine = homeIn(home)
  const engine = new SqliteEngine({ path: join(home, 'trail.db'), readOnly: true, machine })
  const report = await new ImmutableAuditTrail({ engine, machine }).verify()
  await engine.close()
  return report
}
