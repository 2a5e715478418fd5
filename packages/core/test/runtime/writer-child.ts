// One of many writers on one SQLite file. Says what it was told, and how long its event loop was ever kept waiting.
import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'

const [mode = '', home = '', count = '0', callers = '1', marks = ''] = process.argv.slice(2)
const times = { renewAfterMs: 100, startWithinMs: 400, deadAfterMs: 500 }
const fence = await openCapFence({
  policy: new URL('policy.yaml', import.meta.url).pathname,
  db: `${home}/trail.db`,
  machine: homeIn(home),
  deadlineMs: 60_000,
  leaseTimes: times,
})
const context = { actor: `agent-${String(process.pid)}`, environment: 'production', risk: 'low' } as const
const read = { ...context, action: 'read', resource: 'filesystem.workspace' }
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
let decided = 0

async function caller(): Promise<void> {
  while (decided < Number(count)) {
    const number = ++decided
    const id = `${String(process.pid)}-${String(number)}`
    if (mode === 'execute') {
      const verdict = await fence.runtime.execute({ ...read, id, args: { number } })
      if (!verdict.authorized) throw new Error(verdict.reason.message)
    } else {
      // The mark is the tool's effect: it is there only if the tool was started.
      await fence.runtime.run({ ...read, id, args: { number } }, () => {
        appendFileSync(marks, `${id}\n`)
      })
    }
  }
}

await Promise.all(Array.from({ length: Number(callers) }, caller))
await fence.close()
console.log(JSON.stringify({ decided, maxDelayMs: delay.max / 1e6 }))
