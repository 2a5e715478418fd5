import { CallRefusedError } from '@capfence/core'
import { guardTools } from '@capfence/vercel-ai'
import { type Tool, type ToolSet, dynamicTool, tool } from 'ai'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { call, gate } from './gate.ts'
import { INPUT } from './raw-tools.ts'
import { sdk6, sdk7 } from './sdk.ts'
import { generated, streamed } from './talk.ts'

const REQUEST = { toolCallId: 'c1', messages: [], context: {} }

test('what-else-a-tool-carries-is-kept', async () => {
  const { runtime, host } = await gate()
  const symbol = Symbol('own')
  const read = Object.defineProperties(tool({ description: 'Reads.', inputSchema: INPUT, execute: () => 'text' }), {
    hidden: { value: 1 },
    [symbol]: { value: 2, enumerable: true },
  })
  const set: ToolSet = Object.assign(Object.create(null), { read }) as ToolSet
  const guarded = guardTools(runtime, set, host)
  expect(Object.getPrototypeOf(guarded)).toBeNull()
  expect(Object.getOwnPropertyDescriptor(guarded['read'], 'hidden')).toMatchObject({ value: 1, enumerable: false })
  expect(Reflect.get(guarded['read'] ?? {}, symbol)).toBe(2)
  expect(guarded['read']?.inputSchema).toBe(INPUT)
  expect(set['read']).toBe(read)
  expect(await read.execute({}, REQUEST)).toBe('text') // the original is untouched, so it must not be handed on
})

test('a-tool-is-guarded-once-and-only-a-tool-is', async () => {
  const { runtime, host } = await gate()
  const set = { read: tool({ inputSchema: INPUT, execute: () => 'text' }) }
  const guarded = guardTools(runtime, set, host)
  expect(() => guardTools(runtime, guarded, host)).toThrow(/guarded already/)
  const spread: Tool = { ...guarded.read }
  expect(() => guardTools(runtime, { spread }, host)).toThrow(/guarded already/)
  expect(() => guardTools(runtime, { read: undefined } as unknown as ToolSet, host)).toThrow(/not a tool/)
})

test('a-tool-that-is-guarded-within-a-guarded-one-of-its-name-is-refused-and-nothing-waits-for-itself', async () => {
  const { runtime, host } = await gate()
  const options = { ...host, runOf: () => 'run' }
  const { read } = guardTools(runtime, { read: tool({ inputSchema: INPUT, execute: () => 'text' }) }, options)
  const logged = tool({
    inputSchema: INPUT,
    execute: async (input, request) => read.execute(input, request) as unknown,
  })
  const guarded = guardTools(runtime, { read: logged }, options)
  await expect(guarded.read.execute({}, REQUEST)).rejects.toMatchObject({ verdict: { reason: { code: 'id_reuse' } } })
})

test('a-tool-runs-as-itself-with-the-request-of-the-sdk-and-a-signal', async () => {
  const { runtime, host } = await gate()
  const seen: unknown[] = []
  const read = tool({
    inputSchema: INPUT,
    contextSchema: z.object({ tenant: z.string() }),
    execute(this: unknown, _input, options) {
      seen.push(this, options.toolCallId, options.messages, options.context, options.abortSignal instanceof AbortSignal)
      return 'text'
    },
  })
  const messages = [{ role: 'user' as const, content: 'go' }]
  const guarded = guardTools(runtime, { read }, host)
  await guarded.read.execute({}, { toolCallId: 'c1', messages, context: { tenant: 'acme' } })
  expect(seen).toEqual([read, 'c1', messages, { tenant: 'acme' }, true])
})

test('context-comes-from-what-the-host-put-there', async () => {
  const opened = await gate()
  const read = tool({ inputSchema: INPUT, execute: () => 'text' })
  const contextOf = ({ context }: { readonly context?: unknown }): { tenant: string } => context as { tenant: string }
  const guarded = guardTools(
    opened.runtime,
    { read },
    { ...opened.host, session: 's-1', contextOf, runOf: () => 'run' },
  )
  await guarded.read.execute({ note: 'tenant: other' }, { ...REQUEST, context: { tenant: 'acme' } })
  expect(await opened.decisions()).toMatchObject([{ event: { actor: 'agent', tenant: 'acme', session: 's-1' } }])
})

test('without-a-run-each-call-is-a-call-of-its-own', async () => {
  const { runtime, host } = await gate()
  let runs = 0
  const guarded = guardTools(runtime, { read: tool({ inputSchema: INPUT, execute: () => ++runs }) }, host)
  expect([await guarded.read.execute({}, REQUEST), await guarded.read.execute({}, REQUEST)]).toEqual([1, 2])
})

test('a-tool-may-call-another-with-the-request-that-it-was-handed', async () => {
  const opened = await gate()
  const options = { ...opened.host, runOf: () => 'run' }
  const { read } = guardTools(opened.runtime, { read: tool({ inputSchema: INPUT, execute: () => 'text' }) }, options)
  const code = tool({ inputSchema: INPUT, execute: async (input, request) => read.execute(input, request) as unknown })
  const guarded = guardTools(opened.runtime, { code }, options)
  expect(await guarded.code.execute({}, REQUEST)).toBe('text')
  expect(await opened.decisions()).toMatchObject([
    { event: { tool: 'code', caller_depth: 0 } },
    { event: { tool: 'read', caller_depth: 1, actor_chain: ['agent'] } },
  ])
})

test.each([sdk7, sdk6])('a-plain-function-that-streams-streams-where-it-is-declared-in-ai-$major', async (sdk) => {
  const { runtime, host } = await gate()
  const read = {
    description: 'Reads.',
    inputSchema: INPUT,
    execute: () => ReadableStream.from(['one', 'two']) as unknown as AsyncIterable<string>,
  }
  const turns = [[call('c1', 'read')]]
  const declared = await streamed(sdk, guardTools(runtime, { read }, { ...host, streaming: ['read'] }), { turns })
  expect(declared.pieces).toEqual(['one', 'two'])
  const whole = await streamed(sdk, guardTools(runtime, { read }, host), { turns })
  expect(whole).toMatchObject({ pieces: [], told: [{ text: 'two', isError: false }] })
  const plain = { read: { inputSchema: INPUT, execute: () => 'text' } }
  const one = await streamed(sdk, guardTools(runtime, plain, { ...host, streaming: ['read'] }), { turns })
  expect(one).toMatchObject({ pieces: ['text'], told: [{ text: 'text', isError: false }] })
})

test('a-refusal-is-thrown-so-that-no-output-of-the-tool-is-made-of-it', async () => {
  const { runtime, host } = await gate()
  let outputs = 0
  const pay = tool({
    inputSchema: INPUT,
    execute: () => ({ paid: true }),
    toModelOutput: () => {
      outputs += 1
      return { type: 'text', value: 'paid' }
    },
  })
  const guarded = guardTools(runtime, { pay }, host)
  await expect(guarded.pay.execute({ amount: 5000 }, REQUEST)).rejects.toThrow(CallRefusedError)
  const said = await generated(sdk7, guarded, { turns: [[call('c1', 'pay', { amount: 5000 })]] })
  expect(said.told).toMatchObject([{ isError: true }])
  expect(outputs).toBe(0)
})

test('input-that-was-never-validated-is-judged-as-it-is', async () => {
  const { runtime, host } = await gate()
  const runs: unknown[] = []
  const pay = dynamicTool({ inputSchema: INPUT, execute: async (input) => Promise.resolve(runs.push(input)) })
  const guarded = guardTools(runtime, { pay }, host)
  for (const input of [
    '5',
    5,
    null,
    [5],
    { amount: '5000' },
    { amount: {} },
    new Map(),
    {
      get amount() {
        return 5
      },
    },
  ]) {
    await expect(guarded.pay.execute?.(input, REQUEST), JSON.stringify(input)).rejects.toThrow(CallRefusedError)
  }
  expect(runs).toEqual([])
})
