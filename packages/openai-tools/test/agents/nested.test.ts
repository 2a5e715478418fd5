import { type Agent, RunState, run as runAgent } from '@openai/agents'
import { expect, test } from 'vitest'
import { guardTools } from '../../src/agents/index.ts'
import { HOST, type Gate, gate } from '../gate.ts'
import { agentTool, scripted } from './agents-fixture.ts'

interface Nested {
  readonly read: unknown[]
  readonly outer: Agent
}

/** An agent whose guarded tool is another agent, whose guarded tool the SDK asks about. */
function nested({ runtime }: Gate): Nested {
  const read: unknown[] = []
  const host = { ...HOST, runOf: () => 'thread-1', tools: { reader: { capability: 'filesystem.read.workspace' } } }
  const make = agentTool(
    { name: 'read', description: 'Reads.', run: (args) => read.push(args) },
    { needsApproval: true },
  )
  const inner = scripted(
    guardTools(runtime, [make], host),
    [[{ id: 'i1', tool: 'read', args: { file: 'a' } }]],
    'Inner',
  )
  const [reader] = guardTools(runtime, [inner.asTool({ toolName: 'reader', toolDescription: 'Reads.' })], host)
  const outer = scripted([reader as never], [[{ id: 'o1', tool: 'reader', args: { input: 'go' } }]], 'Outer')
  return { read, outer }
}

const decided = async ({ decisions }: Gate): Promise<readonly unknown[]> =>
  (await decisions()).map(({ event }) => ('tool' in event ? [event.tool, event.caller_depth] : []))

test('an-agent-as-tool-that-was-interrupted-goes-on-and-each-leg-is-judged', async () => {
  const opened = await gate()
  const { outer, read } = nested(opened)
  const { state, interruptions } = await runAgent(outer, 'go')
  expect(interruptions).toHaveLength(1)
  for (const item of interruptions) state.approve(item)
  const { finalOutput } = await runAgent(outer, state)
  expect(finalOutput).toBe('done')
  expect(read).toEqual([{ file: 'a' }])
  expect(await decided(opened)).toEqual([
    ['reader', 0],
    ['reader', 0],
    ['read', 1],
  ])
})

test('out-of-a-text-it-is-asked-again-and-nothing-runs', async () => {
  const opened = await gate()
  const { outer, read } = nested(opened)
  const { state } = await runAgent(outer, 'go')
  const restored = await RunState.fromString(outer, state.toString())
  for (const item of restored.getInterruptions()) restored.approve(item)
  const { interruptions } = await runAgent(outer, restored)
  expect(interruptions).toHaveLength(1)
  expect(read).toEqual([])
})
