import { createHash } from 'node:crypto'
import { ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { interrupt } from '@langchain/langgraph'
import { createAgent, createMiddleware, toolRetryMiddleware } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type LangChainTool, guardTools } from '../src/index.ts'
import { type Runs, noting, talk } from './agents.ts'
import { rawTool, scripted } from './fixture/case-tool.ts'
import { inTheLoop } from './fixture/forgeries.ts'
import { naive } from './fixture/wrapping.ts'
import { HOST, openGate } from './gate.ts'

const BIG = { amount: 5000 }
const PAY = { id: 'c1', tool: 'pay', args: BIG }
const READ = { id: 'c2', tool: 'read', args: { file: 'a' } }
const ASK = { ...HOST, approval: 'interrupt' } as const

test('a-question-pauses-the-run-with-its-request-its-digest-and-its-end', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const { start } = talk({ gate, tools: [noting('pay', runs)], turns: [[PAY]] })
  const [paused] = await start()
  const [request] = await gate.approvals.pending()
  expect(paused?.value).toEqual({
    actionRequests: [{ name: 'pay', args: BIG, description: expect.stringContaining('big-payments') as string }],
    reviewConfigs: [{ actionName: 'pay', allowedDecisions: ['approve', 'reject'] }],
    capfence: {
      requestId: request?.id,
      expiresAt: request?.expiresAt,
      digest: createHash('sha256')
        .update(JSON.stringify([request?.id, 'pay', BIG]))
        .digest('hex'),
    },
  })
  expect(runs).toEqual([])
})

test('what-is-shown-is-what-was-judged', async () => {
  const gate = await openGate()
  const setup = { name: 'pay', description: 'Pays.', run: () => 'paid' }
  const exchanges = createMiddleware({
    name: 'Exchanges',
    wrapToolCall: async ({ toolCall, ...request }, handler) => {
      const running = handler({ ...request, toolCall })
      await new Promise((resolve) => setImmediate(resolve))
      toolCall.args['amount'] = 1
      return running
    },
  })
  const { start } = talk({ gate, tools: [rawTool(setup)], turns: [[PAY]], middleware: [exchanges] })
  expect(await start()).toMatchObject([{ value: { actionRequests: [{ args: BIG }] } }])
})

test('what-was-approved-in-the-core-runs-once-when-it-is-resumed-with-whatever', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const { start, resume, told } = talk({ gate, tools: [noting('pay', runs)], turns: [[PAY]] })
  await start()
  await gate.answer('approve')
  expect(await resume('no')).toEqual([])
  expect(runs).toEqual([['pay', BIG]])
  expect(told()).toEqual({ c1: 'pay done' })
  expect(await gate.trail()).toEqual(['require_approval', 'allow', 'succeeded'])
})

test('what-was-not-approved-or-was-rejected-or-has-expired-does-not-run-when-it-is-resumed', async () => {
  for (const answer of ['nothing', 'reject', 'expire'] as const) {
    const gate = await openGate()
    const runs: Runs = []
    const { start, resume, told } = talk({ gate, tools: [noting('pay', runs)], turns: [[PAY]] })
    await start()
    if (answer === 'reject') await gate.answer('reject')
    if (answer === 'expire') {
      await gate.answer('approve')
      gate.clock.now += 365 * 24 * 3_600_000
    }
    await resume({ decisions: [{ type: 'approve' }] })
    expect(runs, answer).toEqual([])
    expect(told()['c1'], answer).toContain('CapFence')
  }
})

test('a-node-that-starts-again-runs-no-sibling-twice', async () => {
  for (const version of ['v1', 'v2'] as const) {
    const gate = await openGate()
    const runs: Runs = []
    const tools = [noting('pay', runs), noting('read', runs)]
    const { start, resume, told } = talk({ gate, tools, turns: [[READ, PAY]], version })
    await start()
    await gate.answer('approve')
    await resume(true)
    expect(new Set(runs), version).toEqual(new Set([['pay', BIG] as const, ['read', { file: 'a' }] as const]))
    expect(runs, version).toHaveLength(2)
    expect(told(), version).toEqual({ c1: 'pay done', c2: 'read done' })
  }
})

test('a-sibling-that-still-runs-when-the-node-starts-again-is-waited-for', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const { promise: isOver, resolve: end } = Promise.withResolvers<string>()
  const tools = [noting('pay', runs), noting('read', runs, () => isOver)]
  const { start, resume, told } = talk({ gate, tools, turns: [[READ, PAY]], version: 'v1' })
  await start()
  await gate.answer('approve')
  const resumed = resume(true)
  end('read at last')
  await resumed
  expect(told()).toEqual({ c1: 'pay done', c2: 'read at last' })
  expect(runs.filter(([name]) => name === 'read')).toHaveLength(1)
})

test('control: without-the-gate-a-node-that-starts-again-runs-the-sibling-twice', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const asks = noting('pay', runs, () => interrupt('may I?'))
  const { start, resume } = talk({
    gate,
    tools: [asks, noting('read', runs)],
    turns: [[READ, PAY]],
    version: 'v1',
    guard: (tools) => tools,
  })
  await start()
  await resume(true)
  expect(runs.filter(([name]) => name === 'read')).toHaveLength(2)
})

test('an-approval-of-one-of-two-parallel-calls-is-never-the-others', async () => {
  for (const version of ['v1', 'v2'] as const) {
    const gate = await openGate()
    const runs: Runs = []
    const turns = [[PAY, { id: 'c2', tool: 'pay', args: { amount: 9000 } }]]
    const { start, resume, told } = talk({ gate, tools: [noting('pay', runs)], turns, version })
    const paused = await start()
    await gate.answer('approve', (amount) => amount === 9000)
    const toAll: unknown = Object.fromEntries(paused.map(({ id }) => [id, 'approve']))
    await resume(version === 'v1' ? 'approve' : toAll)
    // v1 may pause again, over the one that nobody approved.
    expect(runs, version).toEqual([['pay', { amount: 9000 }]])
    expect(told()['c1'] ?? 'CapFence', version).toContain('CapFence')
  }
})

test('control: a-naive-wrapper-takes-the-approval-of-one-call-for-the-other', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const turns = [[PAY, { id: 'c2', tool: 'pay', args: { amount: 9000 } }]]
  const guard = (tools: readonly LangChainTool[]): readonly LangChainTool[] =>
    naive.guard(gate.runtime, tools, { ...HOST, approval: 'interrupt' })
  const { start, resume } = talk({ gate, tools: [noting('pay', runs)], turns, version: 'v1', guard })
  await start()
  await resume('approve 9000')
  expect(runs).toEqual([['pay', BIG]])
})

test('without-a-checkpointer-or-a-graph-the-model-is-told-that-it-waits', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const tools = guardTools(gate.runtime, [noting('pay', runs)], ASK)
  const agent = createAgent({ model: scripted([[PAY]]), tools })
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'go on' }] })
  const told = messages.find((message) => ToolMessage.isInstance(message))
  expect(told).toMatchObject({ status: 'error', tool_call_id: 'c1' })
  expect(told?.text).toContain("waits for a human's approval")
  const byHand: unknown = await tools[0].invoke({ id: 'c9', name: 'pay', args: BIG, type: 'tool_call' })
  expect(byHand).toMatchObject({ status: 'error', artifact: { capfence: { decision: 'require_approval' } } })
  expect(runs).toEqual([])
})

test('a-question-of-a-nested-agent-pauses-the-outer-one-and-both-go-on', async () => {
  for (const version of ['v1', 'v2'] as const) {
    const gate = await openGate()
    const runs: Runs = []
    const innerTools = guardTools(gate.runtime, [noting('pay', runs)], ASK)
    const model = scripted([[PAY]])
    const inner = createAgent({ model, tools: innerTools, checkpointer: true })
    const delegate = tool(
      async () => {
        const { messages } = await inner.invoke({ messages: [{ role: 'user', content: 'pay' }] })
        return messages.at(-1)?.text ?? ''
      },
      { name: 'delegate', description: 'Delegates.', schema: z.object({}) },
    )
    const turns = [[{ id: 'outer', tool: 'delegate', args: {} }]]
    const { start, resume, told } = talk({ gate, tools: [delegate], turns, version })
    const [paused] = await start()
    expect(paused?.value, version).toMatchObject({ actionRequests: [{ name: 'pay' }] })
    await gate.answer('approve')
    expect(await resume(true), version).toEqual([])
    expect(runs, version).toEqual([['pay', BIG]])
    expect(told(), version).toEqual({ outer: 'that is all' })
  }
})

test('a-tool-that-pauses-by-itself-goes-on-with-its-answer', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const asks = noting('read', runs, () => `answered ${String(interrupt('which?'))}`)
  const { start, resume, told } = talk({ gate, tools: [asks], turns: [[READ]] })
  expect(await start()).toMatchObject([{ value: 'which?' }])
  expect(await resume('b')).toEqual([])
  expect(told()).toEqual({ c2: 'answered b' })
  expect(await gate.trail()).toEqual(['allow', 'failed', 'allow', 'succeeded'])
})

test('a-call-whose-name-a-person-edited-is-judged-under-the-new-name', async () => {
  const ran: string[][] = []
  for (const guard of [undefined, (tools: readonly LangChainTool[]) => tools]) {
    const gate = await openGate()
    const runs: Runs = []
    const tools = [noting('read', runs), noting('wipe', runs)]
    const middleware = inTheLoop({ tool: 'read' })
    const { start, resume } = talk({
      gate,
      tools,
      turns: [[READ]],
      middleware,
      ...(guard === undefined ? {} : { guard }),
    })
    await start()
    await resume({ decisions: [{ type: 'edit', editedAction: { name: 'wipe', args: { file: 'a' } } }] })
    ran.push(runs.map(([name]) => name))
  }
  expect(ran, 'guarded, and without a gate').toEqual([[], ['wipe']])
})

test('a-pause-that-other-middleware-swallows-runs-nothing', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const retry = toolRetryMiddleware({ maxRetries: 2, initialDelayMs: 1 })
  const { start } = talk({ gate, tools: [noting('pay', runs)], turns: [[PAY]], middleware: [retry] })
  await Promise.allSettled([start()])
  expect(runs).toEqual([])
})

test('the-same-call-of-a-later-turn-is-another-call', async () => {
  const gate = await openGate()
  const runs: Runs = []
  const tools = [noting('read', runs, () => String(runs.length))]
  const first = { ...READ, id: 'call_0' }
  const { start, told } = talk({ gate, tools, turns: [[first], [first], [{ ...first, args: { file: 'b' } }]] })
  await start()
  expect(runs).toHaveLength(3)
  expect(told()).toEqual({ call_0: '3' })
})
