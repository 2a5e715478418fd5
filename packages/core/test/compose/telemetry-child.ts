import { openCapFence } from '../../src/compose/open-capfence.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { isCapFenceError } from '../../src/kernel/errors.ts'
import { homeIn } from '../support/home-in.ts'

// One allowed and one denied call of a gate that is opened where OpenTelemetry is there, missing or broken.
const [policy = '', home = ''] = process.argv.slice(2)
const faults: string[] = []
const fence = await openCapFence({
  policy,
  db: new MemoryEngine(),
  machine: homeIn(home),
  onFault: ({ step, message }) => faults.push(`${step}: ${message}`),
})
const context = { actor: 'agent', environment: 'production', risk: 'low', resource: 'filesystem.workspace' } as const
const ran = await fence.runtime.run({ ...context, action: 'read' }, () => 'ran')
const refusal = await fence.runtime
  .run({ ...context, action: 'delete' }, () => 'ran')
  .catch((cause: unknown) => (isCapFenceError(cause) ? cause.code : cause))
const verdict = await fence.runtime.execute({ ...context, action: 'read' })
await fence.runtime.report(verdict, 'succeeded')
await fence.close()
process.stdout.write(JSON.stringify({ ran, refusal, decision: verdict.decision, faults, resolves: resolves() }))

function resolves(): boolean {
  try {
    return import.meta.resolve('@opentelemetry/api') !== ''
  } catch {
    return false
  }
}
