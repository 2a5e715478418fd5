// orphan-child.ts POLICY DATABASE: starts the tool of the event `lost`, says so, and never ends it.
import { openCapFence } from '@capfence/core'

const [policy = '', db = ''] = process.argv.slice(2)
const { runtime } = await openCapFence({ policy, db })
const context = { actor: 'reader', environment: 'production', risk: 'low' } as const
await runtime.run({ ...context, id: 'lost', action: 'read', resource: 'filesystem.workspace' }, () => {
  process.stdout.write('started\n')
  return new Promise((resolve) => setTimeout(resolve, 60_000))
})
