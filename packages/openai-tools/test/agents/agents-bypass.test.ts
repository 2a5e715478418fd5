import { Agent, type FunctionTool, RunContext, RunState, run as runAgent, tool } from '@openai/agents'
import { ScriptedModel, assistantMessage, functionCall } from '@openai/agents/testing'
import { expect, test } from 'vitest'
import { guardTools, needsApproval } from '../../src/agents/index.ts'
import { HOST, type Gate, gate } from '../gate.ts'
import { agentTool, approved, edited, lenient, scripted, toldIn } from './agents-fixture.ts'

interface Call {
  readonly id: string
  readonly tool: string
  readonly args: { readonly amount: number }
}

const pay = (id: string, amount: number): Call => ({ id, tool: 'pay', args: { amount } })
const above1000 = async (_context: unknown, { amount }: { readonly amount: number }): Promise<boolean> => amount > 1000

interface Till {
  readonly paid: number[]
  readonly naive: FunctionTool
  readonly guarded: (gate: Gate) => FunctionTool[]
}

/** A tool that pays, behind the SDK's own means alone, and behind the runtime as well. */
function till(more: object = { needsApproval: above1000 }): Till {
  const paid: number[] = []
  const naive = agentTool({ name: 'pay', description: 'Pays.', run: ({ amount }) => paid.push(Number(amount)) }, more)
  return { paid, naive, guarded: ({ runtime }) => guardTools(runtime, [naive], { ...HOST, runOf: () => 'thread-1' }) }
}

/** Asks for a payment and has a person approve it. */
async function granted(opened: Gate, [tool_]: readonly FunctionTool[], amount: number): Promise<void> {
  expect(await tool_?.invoke(new RunContext(), JSON.stringify({ amount }))).toMatch(/big-payments/u)
  await opened.approve()
}

const toAmount =
  (amount: number) =>
  (state: string): string =>
    edited(state, { amount: 5000 }, { amount })

test('an-edited-state-that-is-approved-runs-nothing-where-the-sdk-runs-the-edit', async () => {
  const { paid, naive, guarded } = till()
  await approved(scripted([naive], [[pay('c1', 5000)]]), toAmount(31_337))
  expect(paid.splice(0)).toEqual([31_337])

  await approved(scripted(guarded(await gate()), [[pay('c1', 5000)]]), toAmount(31_337))
  // Nor where a person has approved what was asked: the edit is another call.
  const opened = await gate()
  const tools = guarded(opened)
  await granted(opened, tools, 5000)
  await approved(scripted(tools, [[pay('c1', 5000)]]), toAmount(31_337))
  expect(paid).toEqual([])
})

test('what-is-approved-in-the-sdk-alone-runs-nothing-and-what-is-approved-in-the-core-runs-once', async () => {
  const { paid, naive, guarded } = till()
  await approved(scripted([naive], [[pay('c1', 5000)]]))
  expect(paid.splice(0)).toEqual([5000])

  const opened = await gate()
  const tools = guarded(opened)
  await approved(scripted(tools, [[pay('c1', 5000)]]))
  expect(paid).toEqual([])
  await opened.approve()
  await approved(scripted(tools, [[pay('c2', 5000)]]))
  await approved(scripted(tools, [[pay('c3', 5000)]]))
  expect(paid).toEqual([5000])
})

/** Resumes one state again and again, as whoever holds its text may. */
async function replay(agent: () => Agent, state: string): Promise<void> {
  for (let time = 0; time < 3; time++) {
    const again = await RunState.fromString(agent(), state)
    for (const item of again.getInterruptions()) again.approve(item)
    await runAgent(agent(), again)
  }
}

test.each([
  ['a call that a person approved', 5000],
  ['a call that the policy allows', 5],
])('a-replayed-state-runs-once-where-the-sdk-runs-it-each-time: %s', async (_name, amount) => {
  const { paid, naive, guarded } = till({ needsApproval: true })
  const stateOf = async (tools: readonly FunctionTool[]): Promise<string> =>
    (await runAgent(scripted(tools, [[pay('c1', amount)]]), 'go')).state.toString()
  await replay(() => scripted([naive], []), await stateOf([naive]))
  expect(paid.splice(0)).toEqual([amount, amount, amount])

  const opened = await gate()
  const tools = guarded(opened)
  const state = await stateOf(tools)
  if (amount > 1000) await granted(opened, tools, amount)
  await replay(() => scripted(tools, []), state)
  expect(paid).toEqual([amount])
})

test('an-approval-for-always-counts-for-nothing-where-the-sdk-takes-it-for-any-arguments', async () => {
  const { paid, naive, guarded } = till()
  const calls = [[pay('c1', 5000)], [pay('c2', 99_999)]]
  const keep = (state: string): string => state
  await approved(scripted([naive], calls), keep, { alwaysApprove: true })
  expect(paid.splice(0)).toEqual([5000, 99_999])

  const opened = await gate()
  const tools = guarded(opened)
  await granted(opened, tools, 5000)
  await approved(scripted(tools, calls), keep, { alwaysApprove: true })
  expect(paid).toEqual([5000])
})

test('a-guardrail-of-an-unknown-behaviour-opens-nothing-where-the-sdk-goes-on', async () => {
  const { paid, naive, guarded } = till({ inputGuardrails: [lenient] })
  await runAgent(scripted([naive], [[pay('c1', 5000)]]), 'go')
  expect(paid.splice(0)).toEqual([5000])

  const result = await runAgent(scripted(guarded(await gate()), [[pay('c1', 5000)]]), 'go')
  expect(paid).toEqual([])
  expect(toldIn(result.newItems)).toMatchObject([{ id: 'c1', isError: true }])
})

test('parallel-calls-of-one-tool-keep-their-ids', async () => {
  const { naive, paid } = till({})
  const { runtime, decisions } = await gate()
  const tools = guardTools(runtime, [naive], { ...HOST, runOf: () => 'thread-1' })
  const calls = [[pay('c1', 1), pay('c2', 2), pay('c3', 3)]]
  const first = await runAgent(scripted(tools, calls), 'go')
  const second = await runAgent(scripted(tools, calls), 'go')
  expect(toldIn(second.newItems)).toEqual(toldIn(first.newItems))
  expect(paid).toEqual([1, 2, 3])
  expect(await decisions()).toHaveLength(3)
})

test('a-text-that-two-readers-take-for-two-calls-is-refused-on-the-record', async () => {
  const paid: string[] = []
  const taking = tool({
    name: 'pay',
    description: 'Pays.',
    parameters: { type: 'object', properties: {}, required: [], additionalProperties: true },
    strict: false,
    execute: (_args, _context, details) => paid.push(details?.toolCall?.arguments ?? ''),
  })
  const twice = '{"amount":5000,"amount":5}'
  const agent = (tools: readonly unknown[]): Agent =>
    new Agent({
      name: 'Clerk',
      model: new ScriptedModel([[functionCall('pay', twice, { callId: 'c1' })], [assistantMessage('done')]]),
      tools: tools as FunctionTool[],
    })
  await runAgent(agent([taking]), 'go')
  expect(paid.splice(0)).toEqual([twice])

  const { runtime, decisions } = await gate()
  await runAgent(agent(guardTools(runtime, [taking], HOST)), 'go')
  expect(paid).toEqual([])
  expect(await decisions()).toMatchObject([{ decision: 'deny', code: 'invalid_event' }])
})

test('the-text-that-a-tool-reads-is-the-one-that-was-judged', async () => {
  const { naive } = till({})
  const read: string[] = []
  const raw: FunctionTool = { ...naive, invoke: async (_context, text) => String(read.push(text)) }
  const { runtime } = await gate()
  const [guarded] = guardTools(runtime, [raw], HOST)
  await guarded.invoke(new RunContext(), ' {"amount": 5.00000000000000000001} ')
  expect(read).toEqual(['{"amount":5}'])
})

test('needsApproval-previews-and-records-nothing', async () => {
  const opened = await gate()
  const asks = needsApproval(opened.runtime, 'pay', HOST)
  const context = new RunContext()
  expect(await asks(context, { amount: 5 })).toBe(false)
  expect(await asks(context, { amount: 5000 }, 'c1')).toBe(true)
  expect(await needsApproval(opened.runtime, 'wipe', HOST)(context, {})).toBe(false)
  expect(await opened.records()).toEqual([])

  const { paid, guarded } = till({ needsApproval: asks })
  const tools = guarded(opened)
  const asked = await runAgent(scripted(tools, [[pay('c1', 5000)]]), 'go')
  expect(asked.interruptions).toHaveLength(1)
  await granted(opened, tools, 5000)
  // What a person has approved needs no second question.
  const { interruptions } = await runAgent(scripted(tools, [[pay('c2', 5000)]]), 'go')
  expect(interruptions).toEqual([])
  expect(paid).toEqual([5000])
})
