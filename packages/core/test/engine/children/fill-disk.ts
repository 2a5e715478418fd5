// fill-disk.ts FOLDER: commits until the disk is full, makes room, commits again, and prints what happened.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SqliteEngine } from '../../../src/engine/sqlite/index.ts'
import { isCapFenceError } from '../../../src/kernel/errors.ts'
import { allRecords, appendOne, oneRecord } from '../sample-commit.ts'

const [folder = ''] = process.argv.slice(2)
const ballast = join(folder, 'ballast')
writeFileSync(ballast, new Uint8Array(300_000))
const engine = new SqliteEngine({ path: join(folder, 'capfence.db') })
await engine.open()

let stored = 0
const faults: string[] = []
const text = 'x'.repeat(10_000)
while (faults.length < 3) {
  try {
    const { head } = await engine.read({ chain: 'main', keys: [] })
    await engine.commit({ append: oneRecord(head?.head.size ?? 0, head?.version ?? 0, text), expect: [], write: [] })
    stored += 1
  } catch (cause) {
    faults.push(isCapFenceError(cause) ? cause.code : String(cause))
  }
}
const kept = (await allRecords(engine)).length
rmSync(ballast)
await appendOne(engine, 'after')
const { head } = await engine.read({ chain: 'main', keys: [] })
await engine.close()
console.log(JSON.stringify({ stored, faults, kept, sizeAfter: head?.head.size }))
