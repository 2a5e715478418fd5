import { CallRefusedError, isCapFenceError } from '@capfence/core'
import { BaseCallbackHandler } from '@langchain/core/callbacks/base'
import { ToolMessage } from '@langchain/core/messages'
import { BaseToolkit, DynamicTool, StructuredTool, type StructuredToolInterface, tool } from '@langchain/core/tools'
import { Command } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { GUARDED, guardTools, isGuarded } from '../src/index.ts'
import { type Runs, noting } from './agents.ts'
import { asksFor } from './fixture/case-tool.ts'
import { HOST, openGate } from './gate.ts'

const callOf = (name: string, args: Record<string, unknown> = {}) => ({
  id: 'c1',
  name,
  args,
  type: 'tool_call' as const,
})

test('a-tool-that-takes-a-text-is-judged-by-it-and-gets-it', async () => {
  const { runtime, decisions } = await openGate()
  const func = async (text: string): Promise<string> => await Promise.resolve(`read ${text}`)
  const texts = [
    new DynamicTool({ name: 'read', description: 'Reads.', func }),
    tool(func, { name: 'read', description: 'Reads.', schema: z.string() }),
  ] as const
  for (const guarded of guardTools(runtime, texts, HOST)) {
    expect(await guarded.invoke('a.txt')).toBe('read a.txt')
    const told: unknown = await guarded.invoke(callOf('read', { input: 'b.txt' }))
    expect(told).toMatchObject({ content: 'read b.txt' })
  }
  const recorded = (await decisions()).map(({ event }) => ('tool' in event ? event.tool : undefined))
  expect(recorded).toEqual(['read', 'read', 'read', 'read'])
})

test('a-tool-of-a-class-with-private-members-works-and-stays-what-it-is', async () => {
  class Counter extends StructuredTool {
    name = 'read'
    description = 'Counts.'
    schema = z.object({ by: z.number().default(1) })
    #count = 0
    get count(): number {
      return this.#count
    }
    protected override async _call({ by }: { by: number }): Promise<string> {
      this.#count += by
      return await Promise.resolve(String(this.#count))
    }
  }
  const { runtime } = await openGate()
  const original = new Counter()
  const [guarded] = guardTools(runtime, [original], HOST)
  expect(guarded).toBeInstanceOf(Counter)
  expect([await guarded.invoke({}), await guarded.invoke({ by: 2 })]).toEqual(['1', '3'])
  expect(original.count).toBe(3)
})

test('a-refusal-by-hand-is-thrown-and-in-a-tool-call-is-a-message-with-the-verdict', async () => {
  const { runtime } = await openGate()
  const [wipe] = guardTools(runtime, [noting('wipe', [])], HOST)
  await expect(wipe.invoke({ file: 'a' })).rejects.toThrow(CallRefusedError)
  const told: unknown = await wipe.invoke(callOf('wipe'))
  expect(told).toBeInstanceOf(ToolMessage)
  expect(told).toMatchObject({
    status: 'error',
    tool_call_id: 'c1',
    name: 'wipe',
    content: expect.stringContaining('no-wiping') as string,
    artifact: { capfence: { decision: 'deny', authorized: false, reason: { rule: 'no-wiping' } } },
  })
  // Some models give no ids; a message all the same, as a throw would end the run.
  expect(await wipe.invoke({ ...callOf('wipe'), id: undefined } as never)).toMatchObject({ status: 'error' })
})

test('a-tool-with-an-artifact-keeps-it-and-is-refused-as-its-kind-must-be', async () => {
  const { runtime } = await openGate()
  const kinds = ['read', 'wipe'].map((name) =>
    tool(async () => await Promise.resolve(['text', { rows: 2 }]), {
      name,
      description: 'Gives an artifact.',
      schema: z.object({}),
      responseFormat: 'content_and_artifact',
    }),
  )
  const told: unknown[] = []
  for (const guarded of guardTools(runtime, kinds, HOST)) told.push(await guarded.invoke(callOf(guarded.name)))
  expect(told).toMatchObject([
    { content: 'text', artifact: { rows: 2 } },
    { status: 'error', artifact: { capfence: { decision: 'deny' } } },
  ])
})

test('commands-and-messages-of-a-tool-come-through-as-they-are', async () => {
  const { runtime } = await openGate()
  const command = new Command({ goto: 'elsewhere' })
  const [reads] = guardTools(runtime, [noting('read', [], () => command)], HOST)
  expect(await reads.invoke(callOf('read'))).toBe(command)
})

test('a-streaming-tool-gives-its-pieces-to-the-callbacks-and-its-end-to-the-model', async () => {
  const { runtime, trail } = await openGate()
  const events: unknown[] = []
  class Listening extends BaseCallbackHandler {
    name = 'listening'
    override async handleToolEvent(chunk: unknown): Promise<void> {
      await Promise.resolve(events.push(chunk))
    }
  }
  const streaming = tool(
    async function* (_input: object) {
      yield 'one'
      await Promise.resolve()
      yield { two: 2 }
      return 'whole'
    },
    { name: 'read', description: 'Streams.', schema: z.object({}) },
  )
  const [guarded] = guardTools(runtime, [streaming], HOST)
  const callbacks = [new Listening({ _awaitHandler: true })]
  expect(await guarded.invoke({}, { callbacks })).toBe('whole')
  expect(events).toEqual(['one', { two: 2 }])
  expect(await trail()).toEqual(['allow', 'succeeded'])
})

test('a-stream-that-breaks-is-a-failure-and-one-that-comes-again-gives-its-end-again', async () => {
  const { runtime, trail } = await openGate()
  let runs = 0
  const streaming = tool(
    async function* ({ file }: { file: string }) {
      runs += 1
      yield await Promise.resolve('one')
      if (file === 'broken') throw new Error('cut')
      return 'whole'
    },
    { name: 'read', description: 'Streams.', schema: z.object({ file: z.string() }) },
  )
  const [guarded] = guardTools(runtime, [streaming], { ...HOST, runOf: () => 'run' })
  await expect(guarded.invoke({ file: 'broken' })).rejects.toThrow('cut')
  for (let time = 0; time < 2; time++) {
    const told: unknown = await guarded.invoke(callOf('read', { file: 'a' }))
    expect(told).toMatchObject({ content: 'whole' })
  }
  expect(runs).toBe(2)
  expect(await trail()).toEqual(['allow', 'failed', 'allow', 'succeeded'])
})

test('a-toolkit-gives-guarded-tools-alone', async () => {
  class Kit extends BaseToolkit {
    tools: StructuredToolInterface[] = [noting('wipe', []), noting('read', [])]
    readonly folder = '/tmp'
  }
  const { runtime } = await openGate()
  const kit: Kit = guardTools(runtime, new Kit(), HOST)
  expect(kit).toBeInstanceOf(Kit)
  expect(kit.folder).toBe('/tmp')
  expect([...kit.tools, ...kit.getTools()].map(isGuarded)).toEqual([true, true, true, true])
})

test('a-guarded-tool-is-guarded-once-and-cannot-be-changed-to-another', async () => {
  const { runtime } = await openGate()
  const guarded = guardTools(runtime, [noting('read', [])], HOST)
  expect(() => guardTools(runtime, guarded, HOST)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error)
  const [first] = guarded
  for (const name of ['name', '_call', 'func', 'invoke', 'call', GUARDED]) {
    expect(
      Reflect.set(first, name, () => undefined),
      String(name),
    ).toBe(false)
  }
  expect(isGuarded(Object.create(first))).toBe(false)
  expect(isGuarded(Object.assign({}, first))).toBe(false)
})

test('a-tool-that-passes-its-config-on-does-not-lend-its-call-to-another', async () => {
  const { runtime, trail } = await openGate()
  const runs: Runs = []
  const inRun = { ...HOST, runOf: () => 'run' }
  const [inner] = guardTools(runtime, [noting('read', runs)], inRun)
  const outer = tool(async (_input, config) => String(await inner.invoke({ file: 'b' }, config)), {
    name: 'delegate',
    description: 'Delegates.',
    schema: z.object({}),
  })
  const tools = guardTools(runtime, [outer], inRun)
  await new ToolNode(tools).invoke({ messages: [asksFor([{ id: 'c1', tool: 'delegate', args: {} }])] })
  expect(runs).toEqual([['read', { file: 'b' }]])
  expect(await trail()).toEqual(['allow', 'allow', 'succeeded', 'succeeded'])
})

test('a-refusal-of-what-a-tool-calls-in-turn-is-told-and-asks-nothing-for-the-tool-itself', async () => {
  const { runtime, trail, approvals } = await openGate()
  const [inner] = guardTools(runtime, [noting('pay', [])], HOST)
  const outer = tool(async () => String(await inner.invoke({ amount: 5000 })), {
    name: 'delegate',
    description: 'Delegates.',
    schema: z.object({}),
  })
  const [guarded] = guardTools(runtime, [outer], { ...HOST, approval: 'interrupt' })
  const told: unknown = await guarded.invoke(callOf('delegate'))
  expect(told).toMatchObject({ status: 'error', content: expect.stringContaining('big-payments') as string })
  expect(await approvals.pending()).toHaveLength(1)
  expect(await trail()).toEqual(['allow', 'require_approval', 'failed'])
})

test('the-context-of-a-call-is-what-the-host-says-it-is', async () => {
  const { runtime, decisions } = await openGate()
  const contextOf = ({ context }: { readonly context?: unknown }): { readonly session: string } => ({
    session: String(context),
  })
  const [reads] = guardTools(runtime, [noting('read', [])], { ...HOST, contextOf })
  await reads.invoke({ file: 'a' }, { context: 's-1', configurable: { actor: 'root', session: 's-2' } })
  expect((await decisions()).map(({ event }) => event)).toMatchObject([{ actor: 'agent', session: 's-1' }])
})

test('what-json-cannot-hold-is-refused-and-a-tool-that-cannot-be-guarded-says-why', async () => {
  const { runtime } = await openGate()
  const runs: Runs = []
  const transforms = tool(async (args: object) => runs.push(['read', args]), {
    name: 'read',
    description: 'Takes a function.',
    schema: z.object({ file: z.string().transform((text) => () => text) }),
  })
  const [guarded] = guardTools(runtime, [transforms], HOST)
  expect(await guarded.invoke(callOf('read', { file: 'a' }))).toMatchObject({ status: 'error' })
  expect(runs).toEqual([])
  const provided = { type: 'web_search_20250305', name: 'web_search' }
  let cause: unknown
  try {
    guardTools(runtime, [provided], HOST)
  } catch (error) {
    cause = error
  }
  expect(isCapFenceError(cause) && cause.message).toContain('the tool `web_search` cannot be guarded')
})
