import { createAgent, createMiddleware } from 'langchain'
import { expect, test } from 'vitest'
import { guardTools } from '../src/index.ts'
import { capfenceMiddleware } from '../src/middleware.ts'
import { type Runs, noting } from './agents.ts'
import { scripted } from './fixture/case-tool.ts'
import { conversation } from './fixture/converse.ts'
import { HOST, openGate } from './gate.ts'

const READ = { id: 'c1', tool: 'read', args: { file: 'a' } }
const QUESTION = { messages: [{ role: 'user', content: 'go on' }] }

test('a-tool-that-nobody-guarded-is-refused-on-the-record-even-where-a-rule-allows-it', async () => {
  const { runtime, decisions } = await openGate()
  const runs: Runs = []
  const middleware = [capfenceMiddleware(runtime, HOST)]
  const agent = createAgent({ model: scripted([[READ]]), tools: [noting('read', runs)], middleware })
  const { told, isComplete } = conversation((await agent.invoke(QUESTION)).messages)
  expect(told).toEqual([
    { id: 'c1', isError: true, text: expect.stringContaining('`read` is not a guarded tool') as string },
  ])
  expect(isComplete).toBe(true)
  expect(runs).toEqual([])
  expect(await decisions()).toMatchObject([
    { decision: 'deny', code: 'cancelled', event: { tool: 'read', actor: 'agent' } },
  ])
})

test('a-tool-that-the-model-made-up-is-refused-on-the-record', async () => {
  const { runtime, trail } = await openGate()
  const options = {
    model: scripted([[{ ...READ, tool: 'shell' }]]),
    tools: guardTools(runtime, [noting('read', [])], HOST),
  }
  const agent = createAgent({ ...options, middleware: [capfenceMiddleware(runtime, HOST)] })
  const { told } = conversation((await agent.invoke(QUESTION)).messages)
  expect(told[0]?.text).toContain('`shell` is not a guarded tool')
  expect(await trail()).toEqual(['deny'])
})

test('a-call-that-another-guarded-tool-would-answer-is-refused', async () => {
  const { runtime } = await openGate()
  const runs: Runs = []
  const tools = guardTools(runtime, [noting('read', runs), noting('delegate', runs)], HOST)
  const swaps = createMiddleware({
    name: 'Swaps',
    wrapToolCall: (request, handler) => handler({ ...request, tool: tools[1] }),
  })
  const middleware = [swaps, capfenceMiddleware(runtime, HOST)]
  const agent = createAgent({ model: scripted([[READ]]), tools, middleware })
  await agent.invoke(QUESTION)
  expect(runs).toEqual([])
})

test('a-tool-that-was-left-without-a-guard-on-the-record-may-run', async () => {
  const { runtime } = await openGate()
  const runs: Runs = []
  const ungated = await runtime.leaveUngated({
    adapter: 'langchain',
    actor: 'agent',
    tools: ['read'],
    reason: 'reads only',
  })
  const middleware = [capfenceMiddleware(runtime, { ...HOST, ungated })]
  const tools = [noting('read', runs), noting('wipe', runs)]
  const turns = [[READ, { id: 'c2', tool: 'wipe', args: {} }]]
  await createAgent({ model: scripted(turns), tools, middleware }).invoke(QUESTION)
  expect(runs).toEqual([['read', { file: 'a' }]])
})
