import { guardTools } from '@capfence/vercel-ai'
import { tool } from 'ai'
import * as z from 'zod'
import { ARGS, HOST, type Imports, type OpenToolCalls, callIds } from '../../../bench/tool-calls.ts'

/** `tool.execute`, as `generateText` calls it. */
export const vercelCalls: OpenToolCalls = ({ runtime, run }) => {
  const inputSchema = z.object({ file: z.string(), lines: z.number() })
  const toolOf = (execute: () => Promise<string>) => tool({ description: 'Reads a file.', inputSchema, execute })
  const direct = { read: toolOf(run) }
  const guarded = guardTools(runtime, { read: toolOf(async () => 'done') }, { ...HOST, runOf: () => 'run-1' })
  const nextId = callIds()
  const execute = ({ read }: typeof direct): unknown =>
    read.execute?.({ ...ARGS }, { toolCallId: nextId(), messages: [], context: {} })
  return [{ name: 'Vercel AI: `execute`', direct: () => execute(direct), guarded: () => execute(guarded) }]
}

/** What programs with the AI SDK import. */
export const vercelImports: readonly Imports[] = [
  { name: 'ai', framework: ['ai'], adapter: '@capfence/vercel-ai', from: import.meta.url },
]
