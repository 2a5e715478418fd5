import { guardFunctionCalls, guardRunnerFunctions, guardTools } from '@capfence/openai-tools'
import { guardTools as guardAgentTools } from '@capfence/openai-tools/agents'
import { type FunctionTool, RunContext, tool } from '@openai/agents'
import type { RunnerFunction } from 'openai/helpers/responses-tool-runner'
import { ARGS, HOST, type Imports, type OpenToolCalls, type ToolCalls, callIds } from '../../../bench/tool-calls.ts'

const TEXT = JSON.stringify(ARGS)
const DESCRIPTION = 'Reads a file.'
const PARAMETERS = {
  type: 'object',
  properties: { file: { type: 'string' }, lines: { type: 'number' } },
  required: ['file', 'lines'],
  additionalProperties: false,
} as const

/** A loop of one's own, `runTools`, `ResponsesToolRunner`, and `invoke` of the Agents SDK. */
export const openAICalls: OpenToolCalls = (runtime) => [
  ownLoop(runtime),
  runTools(runtime),
  responsesRunner(runtime),
  agents(runtime),
]

const runnable = {
  type: 'function',
  function: {
    name: 'read',
    description: DESCRIPTION,
    parameters: PARAMETERS,
    parse: (text: string): unknown => JSON.parse(text),
    function: async (_args: unknown, _runner?: unknown): Promise<string> => 'done',
  },
} as const

type Runtime = Parameters<OpenToolCalls>[0]

function ownLoop(runtime: Runtime): ToolCalls {
  const answer = guardFunctionCalls(runtime, [runnable], { ...HOST, runOf: () => 'run-1' })
  const nextId = callIds()
  const item = () => ({ type: 'function_call', call_id: nextId(), name: 'read', arguments: TEXT }) as const
  const alone = async (): Promise<unknown> => {
    const { call_id, arguments: text } = item()
    const { parse, function: run } = runnable.function
    return { type: 'function_call_output', call_id, output: await run(parse(text)) }
  }
  return { name: 'OpenAI: a loop of one’s own', alone, guarded: () => answer(item()) }
}

// As `runTools` calls a tool: parsed, then run with the runner, whose newest message holds the call.
function runTools(runtime: Runtime): ToolCalls {
  const [guarded] = guardTools(runtime, [runnable], HOST)
  const nextId = callIds()
  const invoke = async ({ function: { parse, function: run } }: typeof runnable): Promise<unknown> => {
    const called = { id: nextId(), type: 'function', function: { name: 'read', arguments: TEXT } }
    const runner = { messages: [{ role: 'assistant', tool_calls: [called] }], controller: new AbortController() }
    return run(parse(TEXT), runner)
  }
  return { name: 'OpenAI: `runTools`', alone: () => invoke(runnable), guarded: () => invoke(guarded) }
}

function responsesRunner(runtime: Runtime): ToolCalls {
  const alone: RunnerFunction = {
    tool: { type: 'function', name: 'read', description: DESCRIPTION, parameters: PARAMETERS, strict: true },
    execute: async () => 'done',
  }
  const [guarded] = guardRunnerFunctions(runtime, [alone], HOST)
  const { signal } = new AbortController()
  const invoke = async (one: RunnerFunction): Promise<unknown> =>
    one.execute(JSON.parse(TEXT) as typeof ARGS, { signal })
  return { name: 'OpenAI: `ResponsesToolRunner`', alone: () => invoke(alone), guarded: () => invoke(guarded) }
}

function agents(runtime: Runtime): ToolCalls {
  const alone: FunctionTool = tool({
    name: 'read',
    description: DESCRIPTION,
    parameters: PARAMETERS as never, // its own type wants the list of required members to be mutable
    strict: false,
    execute: async () => 'done',
  })
  const [guarded] = guardAgentTools(runtime, [alone], HOST)
  const nextId = callIds()
  const context = new RunContext()
  const invoke = (one: FunctionTool): unknown =>
    one.invoke(context, TEXT, {
      toolCall: { type: 'function_call', callId: nextId(), name: 'read', arguments: TEXT },
    })
  return { name: 'OpenAI Agents: `invoke`', alone: () => invoke(alone), guarded: () => invoke(guarded) }
}

/** What programs with OpenAI's tools import. */
export const openAIImports: readonly Imports[] = [
  { name: 'openai', framework: ['openai'], adapter: '@capfence/openai-tools', from: import.meta.url },
  {
    name: '@openai/agents',
    framework: ['@openai/agents'],
    adapter: '@capfence/openai-tools/agents',
    from: import.meta.url,
  },
]
