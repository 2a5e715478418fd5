import { guardTools } from '@capfence/langchain'
import { tool } from '@langchain/core/tools'
import * as z from 'zod'
import { ARGS, HOST, type Imports, type OpenToolCalls, callIds } from '../../../bench/tool-calls.ts'

/** `tool.invoke` with a tool call, as `ToolNode` makes it. */
export const langChainCalls: OpenToolCalls = (runtime) => {
  const schema = z.object({ file: z.string(), lines: z.number() })
  const alone = tool(() => 'done', { name: 'read', description: 'Reads a file.', schema })
  const [guarded] = guardTools(runtime, [alone], HOST)
  const nextId = callIds()
  const config = { configurable: { thread_id: 'thread-1' } }
  const invoke = (one: typeof alone): unknown =>
    one.invoke({ type: 'tool_call', id: nextId(), name: 'read', args: { ...ARGS } }, config)
  return [{ name: 'LangChain: `invoke`', alone: () => invoke(alone), guarded: () => invoke(guarded) }]
}

/** What programs with LangChain's tools import. */
export const langChainImports: readonly Imports[] = [
  {
    name: '@langchain/core',
    framework: ['@langchain/core/tools', '@langchain/core/messages'],
    adapter: '@capfence/langchain',
    from: import.meta.url,
  },
  { name: 'langchain', framework: ['langchain'], adapter: '@capfence/langchain/middleware', from: import.meta.url },
]
