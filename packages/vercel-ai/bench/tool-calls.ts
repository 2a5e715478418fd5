import { guardTools } from '@capfence/vercel-ai'
import { tool } from 'ai'
import * as z from 'zod'
import { ARGS, HOST, type Imports, type OpenToolCalls, callIds } from '../../../bench/tool-calls.ts'

/** `tool.execute`, as `generateText` calls it. */
export const vercelCalls: OpenToolCalls = (runtime) => {
  const inputSchema = z.object({ file: z.string(), lines: z.number() })
  const alone = { read: tool({ description: 'Reads a file.', inputSchema, execute: async () => 'done' }) }
  const guarded = guardTools(runtime, alone, { ...HOST, runOf: () => 'run-1' })
  const nextId = callIds()
  const execute = ({ read }: typeof alone): unknown =>
    read.execute?.({ ...ARGS }, { toolCallId: nextId(), messages: [], context: {} })
  return [{ name: 'Vercel AI: `execute`', alone: () => execute(alone), guarded: () => execute(guarded) }]
}

/** What programs with the AI SDK import. */
export const vercelImports: readonly Imports[] = [
  { name: 'ai', framework: ['ai'], adapter: '@capfence/vercel-ai', from: import.meta.url },
]
