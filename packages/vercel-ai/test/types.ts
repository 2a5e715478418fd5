// Compiled, never run: what `tsc` accepts here is the promise that guarding changes no type.
import type { ActionRuntime } from '@capfence/core'
import { type ToolRequest, guardTools, toolApproval } from '@capfence/vercel-ai'
import {
  type LanguageModel,
  ToolLoopAgent,
  type ToolSet,
  type TypedToolCall,
  type TypedToolResult,
  dynamicTool,
  generateText,
  streamText,
  tool,
} from 'ai'
import { z } from 'zod'
import { same } from './same-type.ts'

declare const runtime: ActionRuntime
declare const model: LanguageModel
declare const host: { readonly actor: string; readonly environment: string }

const tools = {
  pay: tool({
    description: 'Pays.',
    inputSchema: z.object({ amount: z.number(), to: z.string().default('alice') }),
    contextSchema: z.object({ tenant: z.string() }),
    execute: async ({ amount }, { context }) => Promise.resolve({ paid: amount, tenant: context.tenant }),
  }),
  report: tool({
    inputSchema: z.object({ day: z.string() }),
    execute: async function* ({ day }) {
      yield await Promise.resolve(`report of ${day}`)
    },
  }),
  other: dynamicTool({ inputSchema: z.unknown(), execute: async () => Promise.resolve('x') }),
}

/** Guarded tools have the types of those that went in, for every function of the SDK. */
export async function unchanged(): Promise<void> {
  const guarded = guardTools(runtime, tools, host)
  same<typeof guarded, typeof tools>()
  same<TypedToolCall<typeof guarded>, TypedToolCall<typeof tools>>()
  same<TypedToolResult<typeof guarded>, TypedToolResult<typeof tools>>()
  const inline = guardTools(
    runtime,
    { one: tool({ inputSchema: z.object({ a: z.literal(1) }), execute: () => 'b' as const }) },
    host,
  )
  same<Parameters<typeof inline.one.execute>[0], { a: 1 }>()

  const toolsContext = { pay: { tenant: 'acme' } }
  const raw = await generateText({ model, tools, toolsContext, prompt: 'go' })
  const text = await generateText({
    model,
    tools: guarded,
    toolsContext,
    prompt: 'go',
    toolApproval: toolApproval(runtime),
  })
  same<typeof text.toolCalls, typeof raw.toolCalls>()
  same<typeof text.toolResults, typeof raw.toolResults>()
  // @ts-expect-error the context of a tool is as required as it was
  await generateText({ model, tools: guarded, prompt: 'go' })
  const stream = streamText({ model, tools: guarded, toolsContext, prompt: 'go' })
  const agent = new ToolLoopAgent({ model, tools: guarded, toolsContext })
  same<typeof agent.tools, typeof tools>()
  same<Awaited<typeof stream.toolCalls>, typeof raw.toolCalls>()

  declaredSet satisfies (set: ToolSet) => ToolSet
  guardTools(runtime, tools, { ...host, contextOf: ({ context }: ToolRequest) => ({ tenant: String(context) }) })
  // @ts-expect-error a misspelt option is told
  guardTools(runtime, tools, { ...host, sesion: 's' })
  // @ts-expect-error an actor is not left out
  guardTools(runtime, tools, { environment: 'test' })
}

function declaredSet(set: ToolSet): ToolSet {
  return guardTools(runtime, set, host)
}
