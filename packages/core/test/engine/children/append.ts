// append.ts PATH NAME COUNT: appends COUNT records, each by compare-and-swap, and prints how long the loop ever stood.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { SqliteEngine } from '../../../src/engine/sqlite/index.ts'
import { appendOne } from '../sample-commit.ts'

const [path = '', name = '', count = ''] = process.argv.slice(2)
const engine = new SqliteEngine({ path, waitMs: 60_000 })
await engine.open()
console.log('open')
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
for (let index = 0; index < Number(count); index++) {
  await appendOne(engine, `${name}/${String(index)}`)
  console.log(`${name}/${String(index)}`)
}
delay.disable()
await engine.close()
console.log(JSON.stringify({ longestStandMs: Math.round(delay.max / 1e6) }))
