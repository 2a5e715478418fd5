import { guardFunctionCalls, guardRunnerFunctions, guardTools } from '@capfence/openai-tools'
import { guardTools as guardAgentTools } from '@capfence/openai-tools/agents'
import { type FunctionTool, RunContext, tool } from '@openai/agents'
import type { RunnerFunction } from 'openai/helpers/responses-tool-runner'
import {
  ARGS,
  type Gate,
  HOST,
  type Imports,
  type OpenToolCalls,
  type ToolCalls,
  callIds,
} from '../../../bench/tool-calls.ts'

const TEXT = JSON.stringify(ARGS)
const DESCRIPTION = 'Reads a file.'
const PARAMETERS = {
  type: 'object',
  properties: { file: { type: 'string' }, lines: { type: 'number' } },
  required: ['file', 'lines'],
  additionalProperties: false,
} as const

/** A loop of one's own, `runTools`, `ResponsesToolRunner`, and `invoke` of the Agents SDK. */
export const openAICalls: OpenToolCalls = (gate) => [ownLoop(gate), runTools(gate), responsesRunner(gate), agents(gate)]

const done = async (): Promise<string> => 'done'

const runnable = (execute: (_args: unknown, _runner?: unknown) => Promise<string>) =>
  ({
    type: 'function',
    function: {
      name: 'read',
      description: DESCRIPTION,
      parameters: PARAMETERS,
      parse: (text: string): unknown => JSON.parse(text),
      function: execute,
    },
  }) as const

function ownLoop({ runtime, run }: Gate): ToolCalls {
  const answer = guardFunctionCalls(runtime, [runnable(done)], { ...HOST, runOf: () => 'run-1' })
  const nextId = callIds()
  const item = () => ({ type: 'function_call', call_id: nextId(), name: 'read', arguments: TEXT }) as const
  const own = runnable(run).function
  const direct = async (): Promise<unknown> => {
    const { call_id, arguments: text } = item()
    return { type: 'function_call_output', call_id, output: await own.function(own.parse(text)) }
  }
  return { name: 'OpenAI: a loop of one’s own', direct, guarded: () => answer(item()) }
}

// As `runTools` calls a tool: parsed, then run with the runner, whose newest message holds the call.
function runTools({ runtime, run }: Gate): ToolCalls {
  const own = runnable(run)
  const [guarded] = guardTools(runtime, [runnable(done)], HOST)
  const nextId = callIds()
  const runner = { messages: [] as object[], controller: new AbortController() }
  const invoke = async ({ function: { parse, function: execute } }: typeof own): Promise<unknown> => {
    const called = { id: nextId(), type: 'function', function: { name: 'read', arguments: TEXT } }
    runner.messages = [{ role: 'assistant', tool_calls: [called] }]
    return execute(parse(TEXT), runner)
  }
  return { name: 'OpenAI: `runTools`', direct: () => invoke(own), guarded: () => invoke(guarded) }
}

function responsesRunner({ runtime, run }: Gate): ToolCalls {
  const described = { type: 'function', name: 'read', description: DESCRIPTION, parameters: PARAMETERS } as const
  const toolOf = (execute: () => Promise<string>): RunnerFunction => ({ tool: { ...described, strict: true }, execute })
  const direct = toolOf(run)
  const [guarded] = guardRunnerFunctions(runtime, [toolOf(done)], HOST)
  const { signal } = new AbortController()
  const invoke = async (one: RunnerFunction): Promise<unknown> =>
    one.execute(JSON.parse(TEXT) as typeof ARGS, { signal })
  return { name: 'OpenAI: `ResponsesToolRunner`', direct: () => invoke(direct), guarded: () => invoke(guarded) }
}

function agents({ runtime, run }: Gate): ToolCalls {
  const toolOf = (execute: () => Promise<string>): FunctionTool =>
    tool({
      name: 'read',
      description: DESCRIPTION,
      parameters: PARAMETERS as never, // its own type wants the list of required members to be mutable
      strict: false,
      execute,
    })
  const direct = toolOf(run)
  const [guarded] = guardAgentTools(runtime, [toolOf(done)], HOST)
  const nextId = callIds()
  const context = new RunContext()
  const invoke = (one: FunctionTool): unknown =>
    one.invoke(context, TEXT, {
      toolCall: { type: 'function_call', callId: nextId(), name: 'read', arguments: TEXT },
    })
  return { name: 'OpenAI Agents: `invoke`', direct: () => invoke(direct), guarded: () => invoke(guarded) }
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
