import { callId } from '@capfence/core'
import type OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
import { expect, test } from 'vitest'
import { guardFunctionCalls, guardTools } from '../src/index.ts'
import { type Turn, fakeOpenAI } from './fake-openai.ts'
import { HOST, gate } from './gate.ts'
import { type Args, CHAT, zodSchema } from './kit.ts'

type RunTools = Parameters<OpenAI['chat']['completions']['runTools']>[0]['tools']

async function runTools(
  tools: readonly object[],
  turns: readonly Turn[],
): Promise<readonly { readonly text: string }[]> {
  const { client, told } = fakeOpenAI(turns)
  await client.chat.completions.runTools({ ...CHAT, tools: tools as RunTools }).done()
  return told()
}

const wipe = { id: 'c1', tool: 'wipe', args: { file: 'a' } }

interface Hidden {
  readonly function: { readonly function?: (...args: readonly unknown[]) => unknown }
}

test('a-hidden-callback-is-guarded-where-a-copy-with-a-visible-one-runs-it', async () => {
  const runs: string[] = []
  const make = (): object => zodFunction({ name: 'wipe', parameters: zodSchema, function: () => runs.push('ran') })
  const naive = (tool: object): object => {
    const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(tool)) as Hidden
    return Object.assign(copy, { function: { ...copy.function, function: () => 'denied' } })
  }
  await runTools([naive(make())], [[wipe]])
  expect(runs).toEqual(['ran'])

  const { runtime } = await gate()
  const told = await runTools(guardTools(runtime, [make() as { type: string }], HOST), [[wipe]])
  expect(runs).toEqual(['ran'])
  expect(told).toMatchObject([{ isError: true, text: expect.stringContaining('no-wiping') as string }])
})

test('a-guarded-zod-tool-keeps-its-hidden-parts-hidden-and-what-a-spread-leaves-runs-nothing', async () => {
  const { runtime } = await gate()
  const tool = zodFunction({ name: 'read', parameters: zodSchema, function: () => expect.unreachable() })
  const [guarded] = guardTools(runtime, [tool], HOST)
  expect(Object.keys(guarded)).toEqual(Object.keys(tool))
  expect(guarded.$brand).toBe('auto-parseable-tool')
  expect(guarded.$parseRaw('{"file":"a"}')).toEqual({ file: 'a' })
  await expect(runTools([{ ...guarded }], [[{ ...wipe, tool: 'read' }]])).rejects.toThrow()
})

// A tool whose arguments take longer to read the smaller its amount is, so that callbacks come in another order.
const slow = (function_: (args: Args) => unknown): { readonly type: 'function'; readonly function: object } => ({
  type: 'function',
  function: {
    name: 'pay',
    description: 'Pays.',
    parameters: {},
    parse: async (text: string) => {
      const args = JSON.parse(text) as { readonly amount: number }
      for (let step = 0; step < 10 - args.amount; step++) await Promise.resolve()
      return args
    },
    function: function_,
  },
})

const pay = (id: string, amount: number): Turn[number] => ({ id, tool: 'pay', args: { amount } })

test('parallel-calls-of-one-tool-keep-their-ids-where-counting-them-mixes-them-up', async () => {
  const calls = [pay('c1', 1), pay('c2', 2), pay('c3', 3)]
  const counted: string[] = []
  const ids = ['c1', 'c2', 'c3']
  await runTools([slow(({ amount }) => counted.push(`${String(ids.shift())} ${String(amount)}`))], [calls])
  expect(counted).not.toContain('c1 1')

  const { runtime, decisions } = await gate()
  const tools = guardTools(runtime, [slow(({ amount }) => ({ paid: amount }))], { ...HOST, runOf: () => 'run' })
  await runTools(tools, [calls])
  const seen = (await decisions()).map(({ event }) => event.id)
  const idOf = (own: string): string => callId({ adapter: 'openai-tools', ...HOST, run: 'run', callId: own })
  expect(new Set<unknown>(seen)).toEqual(new Set(['c1', 'c2', 'c3'].map(idOf)))
  // Called again under the same ids in another order, each gives what it gave: each id stands for its own arguments.
  await runTools(tools, [calls.toReversed()])
  const told = await runTools(tools, [calls])
  expect(told.map(({ text }) => text)).toEqual(['{"paid":1}', '{"paid":2}', '{"paid":3}'])
  expect(await decisions()).toHaveLength(3)
})

test('equal-parallel-calls-are-two-calls', async () => {
  const { runtime, decisions } = await gate()
  let runs = 0
  const tools = guardTools(runtime, [slow(() => ++runs)], HOST)
  await runTools(tools, [[pay('c1', 1), pay('c2', 1)]])
  expect(runs).toBe(2)
  expect(await decisions()).toHaveLength(2)
})

const twice = { id: 'c1', tool: 'pay', text: '{"amount":5000,"amount":5}' }
const trailing = { id: 'c2', tool: 'pay', text: '{"amount":5} {"amount":5000}' }

// Some readers of JSON take the first of two equal keys.
const firstAmount = (text: string): number => Number(/"amount":(\d+)/u.exec(text)?.[1])

test('a-text-that-two-readers-take-for-two-calls-is-refused-on-the-record', async () => {
  const paid: number[] = []
  const tool = {
    type: 'function',
    function: {
      name: 'pay',
      description: 'Pays.',
      parameters: {},
      function: (text: string) => paid.push(firstAmount(text)),
    },
  }
  const naive = async (text: string): Promise<unknown> => {
    const judged = JSON.parse(text) as { readonly amount: number }
    return judged.amount <= 1000 ? tool.function.function(text) : 'denied'
  }
  await naive(twice.text)
  expect(paid).toEqual([5000])

  const { runtime, decisions } = await gate()
  const told = await runTools(guardTools(runtime, [tool], HOST), [[twice, trailing]])
  expect(paid).toEqual([5000])
  expect(told).toMatchObject([{ isError: true }, { isError: true }])
  expect((await decisions()).map(({ decision, code }) => [decision, code])).toEqual([
    ['deny', 'invalid_event'],
    ['deny', 'invalid_event'],
  ])
  const answer = guardFunctionCalls(runtime, [tool], HOST)
  await answer({ type: 'function_call', call_id: 'c3', name: 'pay', arguments: twice.text })
  expect(paid).toEqual([5000])
  expect(await decisions()).toHaveLength(3)
})

test('a-tool-with-a-parser-reads-no-such-text-either', async () => {
  const { runtime } = await gate()
  const tools = guardTools(runtime, [slow(() => expect.unreachable())], HOST)
  const told = await runTools(tools, [[twice, trailing]])
  expect(told.map(({ text }) => text)).toEqual(['the arguments name a key twice', 'the arguments are not JSON'])
})

test('what-a-parser-fills-in-is-judged', async () => {
  const { runtime } = await gate()
  const generous = {
    type: 'function',
    function: {
      name: 'pay',
      description: 'Pays.',
      parameters: {},
      parse: (text: string) => ({ amount: 5000, ...(JSON.parse(text) as object) }),
      function: () => expect.unreachable(),
    },
  }
  const told = await runTools(guardTools(runtime, [generous], HOST), [[{ id: 'c1', tool: 'pay', args: {} }]])
  expect(told[0]?.text).toContain('big-payments')
})
