import type { CaseSetup, ScriptedCall } from '@capfence/conformance'
import type OpenAI from 'openai'
import { ResponsesToolRunner, type RunnerFunction, runnerFunction } from 'openai/helpers/responses-tool-runner'
import { zodResponsesFunction } from 'openai/helpers/zod'
import { guardFunctionCalls, guardRunnerFunctions } from '../src/index.ts'
import { type AnyTool, type Args, CHAT, type Hand, type Kit, SCHEMA, hostOf, zodSchema } from './kit.ts'
import { parseKit } from './run-tools-kits.ts'

const answerOf = (setup: CaseSetup, tools: readonly object[]): ReturnType<typeof guardFunctionCalls> =>
  guardFunctionCalls(setup.runtime, tools as readonly AnyTool[], hostOf(setup))

/** A loop of one's own over Chat Completions. */
export const chatLoopKit: Kit = {
  name: 'loop over tool_calls',
  callIds: true,
  make: parseKit.make,
  guard: (_setup, tools) => tools,
  drive: async (setup, client, tools) => {
    const answer = answerOf(setup, tools)
    const messages: OpenAI.ChatCompletionMessageParam[] = [...CHAT.messages]
    for (;;) {
      const completion = await client.chat.completions.create({ ...CHAT, messages })
      const message = completion.choices[0]?.message
      if (message?.tool_calls === undefined) return
      messages.push(message)
      messages.push(...(await Promise.all(message.tool_calls.map((call) => answer(call, { signal: setup.signal })))))
    }
  },
  hand: (setup, tool, call): Hand => {
    const item = {
      type: 'function' as const,
      id: call.id,
      function: { name: call.tool, arguments: JSON.stringify(call.args) },
    }
    return {
      start: () => answerOf(setup, [tool])(item),
      spoil: (evil) => {
        item.function.arguments = JSON.stringify(evil)
      },
    }
  },
}

/** A loop of one's own over Responses. */
export const responsesLoopKit: Kit = {
  name: 'loop over function_call items',
  callIds: true,
  make: ({ name, description, run }) =>
    zodResponsesFunction({ name, description, parameters: zodSchema, function: (args) => run(args, undefined) }),
  guard: (_setup, tools) => tools,
  drive: async (setup, client, tools) => {
    const answer = answerOf(setup, tools)
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'go' }]
    for (;;) {
      const { output } = await client.responses.create({ model: 'fake', input, stream: false })
      const calls = output.filter((item) => item.type === 'function_call')
      if (calls.length === 0) return
      input.push(...calls)
      input.push(...(await Promise.all(calls.map((call) => answer(call, { signal: setup.signal })))))
    }
  },
  hand: (setup, tool, call): Hand => {
    const item = {
      type: 'function_call' as const,
      call_id: call.id,
      name: call.tool,
      arguments: JSON.stringify(call.args),
      parsed_arguments: { ...call.args },
    }
    return {
      start: () => answerOf(setup, [tool])(item),
      spoil: (evil) => {
        Object.assign(item.parsed_arguments, evil)
        item.arguments = JSON.stringify(evil)
      },
    }
  },
}

const handOfRunner = (_setup: CaseSetup, tool: object, call: ScriptedCall): Hand => {
  const args: Args = { ...call.args }
  return {
    start: async () => (tool as RunnerFunction).execute(args),
    spoil: (evil) => Object.assign(args, evil),
  }
}

/** The SDK's own runner for Responses. */
export const runnerKit: Kit = {
  name: 'ResponsesToolRunner',
  callIds: false,
  make: ({ name, description, run }): RunnerFunction => ({
    tool: { type: 'function', name, description, parameters: { ...SCHEMA }, strict: false },
    execute: async (args, options) => JSON.stringify((await run(args, options?.signal)) ?? null),
  }),
  guard: (setup, tools) => guardRunnerFunctions(setup.runtime, tools as readonly RunnerFunction[], hostOf(setup)),
  drive: (setup, client, tools) => driveRunner(client, tools as readonly RunnerFunction[], setup.signal),
  hand: handOfRunner,
  ways: (_setup, tool, call) => {
    const { execute } = tool as RunnerFunction
    return {
      'execute torn from its tool': async () => execute({ ...call.args }, { signal: undefined }),
      'a spread copy': async () => ({ ...(tool as RunnerFunction) }).execute({ ...call.args }),
    }
  },
}

/** The runner over functions that `runnerFunction` made, with hidden stages of their own. */
export const stagedRunnerKit: Kit = {
  ...runnerKit,
  name: 'ResponsesToolRunner, runnerFunction',
  make: ({ name, description, run }) =>
    runnerFunction(
      zodResponsesFunction({
        name,
        description,
        parameters: zodSchema,
        function: async (args) => JSON.stringify((await run(args, undefined)) ?? null),
      }) as never, // its own types want to know the schema's
    ),
}

/** Lets the runner run these functions. */
export async function driveRunner(
  client: OpenAI,
  functions: readonly RunnerFunction[],
  signal?: AbortSignal,
): Promise<unknown> {
  const runner = new ResponsesToolRunner({ functions: [...functions] })
  return runner.run(client, { model: 'fake', input: 'go' }, signal === undefined ? {} : { signal })
}
