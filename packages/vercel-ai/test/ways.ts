import type { ScriptedCall, Ways } from '@capfence/conformance'
import type { Tool, ToolSet } from 'ai'
import { INPUT } from './raw-tools.ts'
import type { Sdk } from './sdk.ts'
import { agentGenerated, agentStreamed, generated, streamed } from './talk.ts'

/** Every way of the SDK to a tool's `execute`, and what a program may do to a tool on its way there. */
export function waysOf(sdk: Sdk, tools: ToolSet, call: ScriptedCall): Ways {
  const turns = [[call]]
  const request = { toolCallId: call.id, messages: [], context: {} }
  const tool = (): Tool => tools[call.tool] as Tool // guarded, so it is there
  const byHand = async (execute: Tool['execute']): Promise<unknown> => drained(execute?.({ ...call.args }, request))
  return {
    execute: () => byHand(tool().execute?.bind(tool())),
    'execute-off-its-tool': () => byHand(tool().execute),
    'execute-of-a-spread-copy': () => byHand({ ...tool() }.execute),
    generateText: () => generated(sdk, tools, { turns }),
    streamText: () => streamed(sdk, tools, { turns }),
    'ToolLoopAgent.generate': () => agentGenerated(sdk, tools, { turns }),
    'ToolLoopAgent.stream': () => agentStreamed(sdk, tools, { turns }),
    'a-spread-set': () => generated(sdk, { ...tools }, { turns }),
    'a-spread-tool': () => generated(sdk, { [call.tool]: { ...tool() } }, { turns }),
    'another-name': () => generated(sdk, { other: tool() }, { turns: [[{ ...call, tool: 'other' }]] }),
    'a-repaired-call': () => generated(sdk, tools, { turns: [[{ ...call, tool: 'unknown' }]], more: repairing(call) }),
    'allowed-by-its-interface': () => generated(sdk, tools, { turns, more: { toolApproval: () => 'approved' } }),
    'a-caller-of-tools': () => generated(sdk, withCaller(tools), { turns: throughCaller(call), more: callers(call) }),
  }
}

async function drained(result: unknown): Promise<unknown> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) return result
  const pieces: unknown[] = []
  for await (const piece of result as AsyncIterable<unknown>) pieces.push(piece)
  return pieces
}

// The model names a tool that is not there, and a hook of the program renames it.
function repairing({ id, tool, args }: ScriptedCall): object {
  const experimental_repairToolCall = async (): Promise<object> => ({
    type: 'tool-call',
    toolCallId: id,
    toolName: tool,
    input: JSON.stringify(args),
  })
  return { experimental_repairToolCall }
}

/** A tool of code that calls other tools, as `@ai-sdk/code-mode` makes one; it calls all that it is bound to. */
export function codeTool(seen: ToolSet[] = []): Tool {
  const caller: Tool = {
    description: 'Runs code.',
    inputSchema: INPUT,
    execute: () => {
      throw new Error('is bound first')
    },
  }
  const bind = (tools: ToolSet): Tool => {
    seen.push(tools)
    const execute: NonNullable<Tool['execute']> = async (input, options) =>
      Promise.all(Object.values(tools).map(async (tool) => drained(tool.execute?.(input, options))))
    return { description: 'Runs code.', inputSchema: INPUT, execute }
  }
  return Object.defineProperty(caller, 'experimental_toolCaller', { value: { type: 'local', bind } })
}

function withCaller(tools: ToolSet): ToolSet {
  return { ...tools, code: codeTool() }
}

function throughCaller({ id, args }: ScriptedCall): readonly (readonly ScriptedCall[])[] {
  return [[{ id, tool: 'code', args }]]
}

function callers({ tool }: ScriptedCall): object {
  return { experimental_toolCallers: { [tool]: ['code'] } }
}
