// Live memory while one long trail is verified: node --conditions=@capfence/source packages/core/bench/verify-memory.ts
// [RECORDS]. A million records take some minutes and 1.6 GB of disk, so it is no part of `pnpm bench`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SqliteEngine } from '@capfence/core/sqlite'
import { verifyTrail } from '../src/compose/verify-trail.ts'
import { shown, table } from './median.ts'
import { type BenchTrail, benchTrail } from './verify.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void // what the flag exposes
const RECORDS = Number(process.argv[2] ?? 1_000_000)

async function measure({ path, known }: BenchTrail, quick: boolean): Promise<readonly (readonly string[])[]> {
  const engine = new SqliteEngine({ path, readOnly: true })
  await engine.open()
  const rows: string[][] = []
  let next = 10_000
  const { exitCode } = await verifyTrail(engine, {
    ...known,
    quick,
    onProgress: ({ records }) => {
      if (records < next && records < RECORDS) return
      next *= 10
      collect()
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      rows.push([quick ? '--quick' : 'as a rule', shown(records), ((heapUsed + arrayBuffers) / 1e6).toFixed(1)])
    },
  })
  await engine.close()
  if (exitCode !== 0) throw new Error('the trail is not authentic')
  return rows
}

const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
const trail = await benchTrail(join(folder, 'trail.db'), RECORDS)
const rows = [...(await measure(trail, true)), ...(await measure(trail, false))]
rmSync(folder, { recursive: true })
table('verify: live memory after a garbage collection', [['', 'records so far', 'MB'], ...rows])
