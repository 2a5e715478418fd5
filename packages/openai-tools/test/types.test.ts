import type { ActionRuntime } from '@capfence/core'
import type { FunctionTool, MCPServerStdio } from '@openai/agents'
import { tool } from '@openai/agents'
import type OpenAI from 'openai'
import { type RunnerFunction } from 'openai/helpers/responses-tool-runner'
import { zodFunction } from 'openai/helpers/zod'
import { expect, test } from 'vitest'
import { z } from 'zod'
import * as agents from '../src/agents/index.ts'
import { guardFunctionCalls, guardRunnerFunctions, guardTools } from '../src/index.ts'
import { HOST, gate } from './gate.ts'

type Equal<Left, Right> =
  (<Value>() => Value extends Left ? 1 : 2) extends <Value>() => Value extends Right ? 1 : 2 ? true : false
const holds = <_Claim extends true>(): void => undefined

const parameters = z.object({ file: z.string() })
const zod = zodFunction({ name: 'read', parameters, function: ({ file }) => file.length })
const plain = {
  type: 'function' as const,
  function: {
    name: 'read',
    description: 'Reads.',
    parameters: { type: 'object' as const },
    parse: (text: string) => JSON.parse(text) as { readonly file: string },
    function: ({ file }: { readonly file: string }) => file,
  },
}
const sdk = tool({ name: 'read', description: 'Reads.', parameters, execute: ({ file }) => file.length })

/** Never called: that it compiles is the test. */
async function compiles(runtime: ActionRuntime, client: OpenAI, server: MCPServerStdio): Promise<void> {
  const [one, two] = guardTools(runtime, [zod, plain], HOST)
  holds<Equal<typeof one, typeof zod>>()
  holds<Equal<typeof two, typeof plain>>()
  const list = guardTools(runtime, [zod] as (typeof zod)[], HOST)
  holds<Equal<typeof list, (typeof zod)[]>>()
  client.chat.completions.runTools({ model: 'm', messages: [], tools: guardTools(runtime, [zod], HOST) })
  client.chat.completions.runTools({ model: 'm', messages: [], tools: guardTools(runtime, [plain], HOST) })
  guardTools(runtime, [zod], { ...HOST, runOf: ({ runner }) => runner?.messages.at(0)?.role })

  const [guarded] = agents.guardTools(runtime, [sdk], HOST)
  holds<Equal<typeof guarded, typeof sdk>>()
  const sdkTools: FunctionTool[] = agents.guardTools(runtime, [] as FunctionTool[], HOST)
  holds<Equal<ReturnType<typeof agents.guardMcpServer<MCPServerStdio>>, typeof server>>()

  const [runner] = guardRunnerFunctions(runtime, [] as unknown as [RunnerFunction], HOST)
  holds<Equal<typeof runner, RunnerFunction>>()
  const answer = guardFunctionCalls(runtime, [zod, plain], { ...HOST, contextOf: ({ type }) => ({ session: type }) })
  const message = await answer({ type: 'function', id: 'c', function: { name: 'read', arguments: '{}' } })
  holds<Equal<typeof message, OpenAI.ChatCompletionToolMessageParam>>()
  const item = await answer({ type: 'function_call', call_id: 'c', name: 'read', arguments: '{}' })
  holds<Equal<typeof item, OpenAI.Responses.ResponseInputItem.FunctionCallOutput>>()
  // @ts-expect-error Who calls is for the host to say.
  guardTools(runtime, [zod], { environment: 'test' })
  void sdkTools
}

test('types-are-unchanged-and-so-is-the-order-of-the-tools', async () => {
  const { runtime } = await gate()
  expect(typeof compiles).toBe('function')
  const guarded = guardTools(runtime, [zod, plain], HOST)
  expect(guarded.map(({ type }) => type)).toEqual(['function', 'function'])
  expect(guarded).toHaveLength(2)
})
