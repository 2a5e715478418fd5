// append-through-faults.ts PATH COUNT: tries COUNT appends once each; prints what failed and what the store then holds.
import { SqliteEngine } from '../../../src/engine/sqlite/index.ts'
import { isCapFenceError } from '../../../src/kernel/errors.ts'
import { allRecords, appendOne } from '../sample-commit.ts'

const [path = '', count = ''] = process.argv.slice(2)
const engine = new SqliteEngine({ path })
await engine.open()
const told: string[] = []
const codes: string[] = []
for (let index = 0; index < Number(count); index++) {
  try {
    await appendOne(engine, String(index))
    told.push(String(index))
  } catch (cause) {
    codes.push(isCapFenceError(cause) ? cause.code : String(cause))
  }
}
const { head, state } = await engine.read({ chain: 'main', keys: ['count'] })
const kept = (await allRecords(engine)).map(({ text }) => text)
await engine.close()
console.log(JSON.stringify({ told, codes, kept, size: head?.head.size, count: state.get('count')?.value }))
