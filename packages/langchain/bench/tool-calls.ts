import { guardTools } from '@capfence/langchain'
import { tool } from '@langchain/core/tools'
import * as z from 'zod'
import { ARGS, HOST, type Imports, type OpenToolCalls, callIds } from '../../../bench/tool-calls.ts'

/** `tool.invoke` with a tool call, as `ToolNode` makes it. */
export const langChainCalls: OpenToolCalls = ({ runtime, run }) => {
  const schema = z.object({ file: z.string(), lines: z.number() })
  const described = { name: 'read', description: 'Reads a file.', schema }
  const direct = tool(run, described)
  const [guarded] = guardTools(runtime, [tool(() => 'done', described)], HOST)
  const nextId = callIds()
  const config = { configurable: { thread_id: 'thread-1' } }
  const invoke = (one: typeof direct): unknown =>
    one.invoke({ type: 'tool_call', id: nextId(), name: 'read', args: { ...ARGS } }, config)
  return [{ name: 'LangChain: `invoke`', direct: () => invoke(direct), guarded: () => invoke(guarded) }]
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
