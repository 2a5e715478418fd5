import { type DynamicStructuredTool, DynamicTool, tool } from '@langchain/core/tools'
import { createAgent, createMiddleware } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type LangChainTool, guardTools } from '../src/index.ts'
import { capfenceMiddleware } from '../src/middleware.ts'
import { scripted } from './fixture/case-tool.ts'
import { HOST, openGate } from './gate.ts'

type Equal<Left, Right> =
  (<Value>() => Value extends Left ? 1 : 2) extends <Value>() => Value extends Right ? 1 : 2 ? true : false

const counting = createMiddleware({ name: 'Counting', stateSchema: z.object({ count: z.number().default(0) }) })

const holds = <Claim extends true>(claim?: Claim): void => expect(claim).toBeUndefined()

test('the-types-of-tools-are-unchanged', async () => {
  const { runtime } = await openGate()
  const search = tool(async ({ query }: { query: string }) => await Promise.resolve([query]), {
    name: 'search',
    description: 'Searches.',
    schema: z.object({ query: z.string() }),
  })
  const text = new DynamicTool({
    name: 'text',
    description: 'Takes a text.',
    func: async (input: string) => await Promise.resolve(input),
  })
  const pair = guardTools(runtime, [search, text], HOST)
  holds<Equal<typeof pair, [typeof search, typeof text]>>()
  const list: DynamicStructuredTool[] = [search]
  const guardedList = guardTools(runtime, list, HOST)
  holds<Equal<typeof guardedList, DynamicStructuredTool[]>>()
  const constant = [search] as const
  const fixed = guardTools(runtime, constant, HOST)
  holds<Equal<typeof fixed, readonly [typeof search]>>()
  const mixed: readonly LangChainTool[] = guardTools(runtime, list, HOST)
  expect(mixed).toHaveLength(1)
  expect(pair[0].name).toBe('search')
})

test('the-types-of-an-agent-are-unchanged', async () => {
  const { runtime } = await openGate()
  const model = scripted([])
  const agent = createAgent({ model, middleware: [counting, capfenceMiddleware(runtime, HOST)] })
  const state = await agent.invoke({ messages: [{ role: 'user', content: 'hi' }] })
  holds<Equal<typeof state.count, number>>()
  // @ts-expect-error -- no middleware has such a state: the backstop must not make it `any`
  const none: unknown = state.nothing
  expect([none, state.count]).toEqual([undefined, 0])
})
