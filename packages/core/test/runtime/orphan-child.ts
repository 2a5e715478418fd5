// orphan-child.ts HOME: has one event denied, then starts the tool of the event `lost`, says so, and never ends it.
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'

const [home = ''] = process.argv.slice(2)
const fence = await openCapFence({
  policy: new URL('policy.yaml', import.meta.url).pathname,
  db: `${home}/trail.db`,
  machine: homeIn(home),
  leaseTimes: { renewAfterMs: 100, startWithinMs: 400, deadAfterMs: 500 },
})
const context = { actor: 'agent', environment: 'production', risk: 'low', args: { file: 'a.txt' } } as const
await fence.runtime.execute({ ...context, id: 'denied', action: 'write', resource: 'filesystem.workspace' })
await fence.runtime.run({ ...context, id: 'lost', action: 'read', resource: 'filesystem.workspace' }, () => {
  console.log('started')
  return new Promise((resolve) => setTimeout(resolve, 60_000))
})
