import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionRuntime, type BaseDBEngine, openCapFence } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import { SqliteEngine } from '@capfence/core/sqlite'
import { median, shown, table } from './median.ts'

const CALLERS = [1, 16, 64, 256]
const ROUNDS = 5
const POLICY = new URL('../test/runtime/policy.yaml', import.meta.url).pathname

/** Decisions a second through `execute`, durable each, and what one caller waits for one. */
export async function benchExecute(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  // Keys and heads of its own: a benchmark leaves nothing in the user's folders.
  Object.assign(process.env, { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder })
  const rows = [['engine', 'callers', 'decisions/s', 'median wait (µs)']]
  for (const callers of CALLERS) rows.push(await measure('memory', callers, () => new MemoryEngine()))
  for (const callers of CALLERS) {
    let file = 0
    const fresh = (): BaseDBEngine =>
      new SqliteEngine({ path: join(folder, `${String(callers)}-${String(file++)}.db`) })
    rows.push(await measure('sqlite', callers, fresh))
  }
  rmSync(folder, { recursive: true })
  table(`execute: a signed, durable decision a call (median of ${String(ROUNDS)} rounds)`, rows)
}

async function measure(name: string, callers: number, engine: () => BaseDBEngine): Promise<string[]> {
  const rates: number[] = []
  const waits: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const db = engine()
    const fence = await openCapFence({ policy: POLICY, db })
    await decide(fence.runtime, { callers, forMs: 100, waits: [] })
    const startedAt = performance.now()
    const decided = await decide(fence.runtime, { callers, forMs: 500, waits })
    rates.push((decided / (performance.now() - startedAt)) * 1_000)
    await fence.close()
    await db.close()
  }
  return [name, String(callers), shown(median(rates)), shown(median(waits) * 1_000)]
}

interface Load {
  readonly callers: number
  readonly forMs: number
  readonly waits: number[]
}

async function decide(runtime: ActionRuntime, { callers, forMs, waits }: Load): Promise<number> {
  const until = performance.now() + forMs
  let decided = 0
  const caller = async (): Promise<void> => {
    for (let startedAt = performance.now(); startedAt < until; startedAt = performance.now()) {
      const verdict = await runtime.execute({
        actor: 'agent',
        action: 'read',
        resource: 'filesystem.workspace',
        environment: 'production',
        risk: 'low',
        args: { file: 'notes/today.md', lines: 200 },
      })
      if (!verdict.authorized) throw new Error(verdict.reason.message)
      waits.push(performance.now() - startedAt)
      decided += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return decided
}
