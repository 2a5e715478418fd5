import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { decodeBody } from '../../src/audit/decode-body.ts'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { CapFenceError, type ErrorCode } from '../../src/kernel/errors.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, read } from './gate.ts'

/** An engine whose next commit lands, as far as reading shows, and is then said to have failed. */
class FailingEngine extends SqliteEngine {
  failsWith: ErrorCode | undefined

  override async commit(commit: Parameters<SqliteEngine['commit']>[0]): ReturnType<SqliteEngine['commit']> {
    const result = await super.commit(commit)
    const code = this.failsWith
    if (code === undefined || commit.append === undefined) return result
    this.failsWith = undefined
    throw new CapFenceError(code, 'the disk failed')
  }
}

interface Scene {
  readonly engine: FailingEngine
  readonly fence: CapFence
  readonly db: string
  readonly ran: string[]
  run(id: string): Promise<unknown>
}

async function scene(): Promise<Scene> {
  const home = scratchFolder()
  const db = join(home, 'trail.db')
  const machine = homeIn(home)
  const engine = new FailingEngine({ path: db, machine })
  const fence = await openCapFence({ policy: POLICY, db: engine, machine, onFault: () => undefined })
  const ran: string[] = []
  const run = async (id: string): Promise<unknown> => {
    try {
      await fence.runtime.run(read({ id }), () => {
        ran.push(id)
      })
      return 'ran'
    } catch (cause) {
      return (cause as { verdict: { reason: { code: string } } }).verdict.reason.code
    }
  }
  return { engine, fence, db, ran, run }
}

async function outcomes({ engine }: Scene): Promise<readonly unknown[]> {
  const bodies = (await engine.records({ chain: 'main', from: 0, limit: 1_000 })).map(({ body }) => decodeBody(body))
  return bodies.flatMap((body) => (body.kind === 'outcome' ? [[body.event_id, body.outcome]] : []))
}

async function end({ fence, engine }: Scene): Promise<void> {
  await fence.close()
  await engine.close()
}

/** Breaks the newest record, or one so far before it; the answer mends it. */
function breakRecord(db: string, change: string, back: number): () => void {
  const database = new DatabaseSync(db)
  const row = database.prepare('SELECT * FROM record ORDER BY seq DESC LIMIT 1 OFFSET ?').get(back) ?? {}
  database.exec(`${change} WHERE seq = ${String(row['seq'])}`)
  return () => {
    const columns = ['chain', 'seq', 'body', 'entry', 'sig']
    const values = columns.map((name) => row[name] ?? null)
    database.prepare(`REPLACE INTO record (${columns.join()}) VALUES (?, ?, ?, ?, ?)`).run(...values)
    database.close()
  }
}

describe('a disk that failed', () => {
  test('is-not-believed-though-what-it-lost-can-still-be-read', async () => {
    const at = await scene()
    expect(await at.run('one')).toBe('ran')
    at.engine.failsWith = 'ENGINE_IO'
    expect(await at.run('two')).toBe('fault_audit')
    expect(await at.run('three')).toBe('ran')
    await at.fence.runtime.execute(read({ id: 'four' }))
    expect(at.ran).toEqual(['one', 'three'])
    // It landed all the same, so it is told that nothing ran.
    expect(await outcomes(at)).toContainEqual(['two', 'not_executed'])
    expect((await at.fence.trail.verify()).exitCode).toBe(0)
    await end(at)
  })

  test('leaves-any-other-fault-to-what-the-chain-holds', async () => {
    const at = await scene()
    at.engine.failsWith = 'ENGINE_FAILED'
    expect(await at.run('one')).toBe('ran')
    await end(at)
  })

  test.each([
    ['body', `UPDATE record SET body = replace(body, '"low"', '"high"')`, 0],
    ['signature', 'UPDATE record SET sig = zeroblob(length(sig))', 0],
    ['end', 'DELETE FROM record', 0],
    ['beginning of the commit', `UPDATE record SET body = replace(body, '"low"', '"high"')`, 2],
    ['middle of the commit', 'UPDATE record SET entry = zeroblob(32)', 1],
    ['what it stands on', 'DELETE FROM record', 3],
  ])('is-written-to-again-only-where-the-tail-is-whole: %s', async (_what, change, back) => {
    const at = await scene()
    await at.fence.runtime.execute(read())
    at.engine.failsWith = 'ENGINE_IO'
    const others = [at.fence.runtime.execute(read()), at.fence.runtime.execute(read())]
    expect(await Promise.all([at.run('two'), ...others])).toMatchObject(['fault_audit', {}, {}])
    const mend = breakRecord(at.db, change, back)
    expect(await at.run('three')).toBe('fault_audit')
    expect(await at.run('four')).toBe('fault_audit')
    mend()
    expect(await at.run('five')).toBe('ran')
    expect(at.ran).toEqual(['five'])
    expect((await at.fence.trail.verify()).exitCode).toBe(0)
    await end(at)
  })
})
