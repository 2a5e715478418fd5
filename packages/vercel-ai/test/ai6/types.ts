// Compiled with `ai` 6 in the place of `ai`, never run: as in a project that has the old major only.
import type { ActionRuntime } from '@capfence/core'
import { guardTools } from '@capfence/vercel-ai'
import { type LanguageModel, type ToolSet, ToolLoopAgent, generateText, tool } from 'ai'
import { z } from 'zod'
import { same } from '../same-type.ts'

declare const runtime: ActionRuntime
declare const model: LanguageModel
declare const host: { readonly actor: string; readonly environment: string }

const tools = {
  pay: tool({
    inputSchema: z.object({ amount: z.number() }),
    execute: async ({ amount }, { experimental_context }) => Promise.resolve({ paid: amount, experimental_context }),
  }),
}

/** Guarded tools have the types of those that went in. */
export async function unchanged(): Promise<void> {
  const guarded = guardTools(runtime, tools, host)
  same<typeof guarded, typeof tools>()
  const text = await generateText({ model, tools: guarded, prompt: 'go' })
  const raw = await generateText({ model, tools, prompt: 'go' })
  same<typeof text.toolCalls, typeof raw.toolCalls>()
  same<typeof text.toolResults, typeof raw.toolResults>()
  const agent = new ToolLoopAgent({ model, tools: guarded })
  same<typeof agent.tools, typeof tools>()
  declaredSet satisfies (set: ToolSet) => ToolSet
}

function declaredSet(set: ToolSet): ToolSet {
  return guardTools(runtime, set, host)
}
