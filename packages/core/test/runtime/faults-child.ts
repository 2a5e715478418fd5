// faults-child.ts HOME: a few gated calls, whose tool leaves its event's id as a mark; prints what became of each.
import { appendFileSync } from 'node:fs'
import { CallRefusedError } from '../../src/action/call-refused-error.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { messageOf } from '../../src/kernel/errors.ts'
import { homeIn } from '../support/home-in.ts'

const [home = ''] = process.argv.slice(2)
const CALLS = 5
const told: string[] = []
try {
  const fence = await openCapFence({
    policy: new URL('policy.yaml', import.meta.url).pathname,
    db: `${home}/trail.db`,
    machine: homeIn(home),
    onFault: () => undefined,
  })
  const call = async (number: number): Promise<void> => {
    const id = `${String(process.pid)}-${String(number)}`
    const event = { id, actor: 'agent', action: 'read', resource: 'filesystem.workspace', environment: 'test' }
    try {
      await fence.runtime.run({ ...event, risk: 'low', args: { number } }, () => {
        appendFileSync(`${home}/marks`, `${id}\n`)
      })
      told.push('ran')
    } catch (cause) {
      if (!(cause instanceof CallRefusedError)) throw cause
      told.push(cause.verdict.reason.code)
    }
  }
  for (let number = 0; number < CALLS; number++) await call(number)
  await Promise.all([call(CALLS), call(CALLS + 1)])
  await fence.close()
} catch (cause) {
  told.push(messageOf(cause))
}
console.log(JSON.stringify(told))
