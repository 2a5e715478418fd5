import type { CaseSetup, ScriptedCall, Ways } from '@capfence/conformance'
import type OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
import { guardFunctionCalls, guardTools } from '../src/index.ts'
import { fakeOpenAI } from './fake-openai.ts'
import { type AnyTool, type Args, CHAT, type Hand, type Kit, SCHEMA, hostOf, zodSchema } from './kit.ts'

type RunTools = Parameters<OpenAI['chat']['completions']['runTools']>[0]['tools']

interface Runnable {
  readonly function: { readonly function: (args: unknown) => Promise<unknown> }
}

const signalIn = (runner: unknown): AbortSignal | undefined =>
  (runner as { readonly controller?: AbortController } | undefined)?.controller?.signal

const common = {
  callIds: true,
  guard: (setup: CaseSetup, tools: readonly object[]) =>
    guardTools(setup.runtime, tools as readonly AnyTool[], hostOf(setup)),
  drive: (setup: CaseSetup, client: OpenAI, tools: readonly object[]) =>
    client.chat.completions
      .runTools({ ...CHAT, tools: tools as RunTools }, { signal: setup.signal ?? null, maxChatCompletions: 20 })
      .finalContent(),
}

function waysIn(setup: CaseSetup, tool: object, call: ScriptedCall): Ways {
  const again = Object.defineProperties({}, Object.getOwnPropertyDescriptors(tool))
  const answer = guardFunctionCalls(setup.runtime, [tool as AnyTool], hostOf(setup))
  const run = (one: object, more: object = {}): Promise<unknown> =>
    fakeOpenAI([[call]])
      .client.chat.completions.runTools({ ...CHAT, ...more, tools: [one] as RunTools })
      .done()
  return {
    'a spread copy in runTools': () => run({ ...tool }),
    'a copy with its descriptors in runTools': () => run(again),
    'a stream of runTools': () => run(tool, { stream: true }),
    'one named function in runTools': () =>
      run(tool, { tool_choice: { type: 'function', function: { name: call.tool } } }),
    'one call at a time in runTools': () => run(tool, { parallel_tool_calls: false }),
    'a guarded tool in a loop of its own': () =>
      answer({ type: 'function_call', call_id: call.id, name: call.tool, arguments: JSON.stringify(call.args) }),
  }
}

function handIn(read: (args: Args) => unknown): Kit['hand'] {
  return (_setup, tool, call) => {
    const args: Args = { ...call.args }
    return {
      start: () => (tool as Runnable).function.function(read(args)),
      spoil: (evil) => Object.assign(args, evil),
    }
  }
}

/** `runTools` over a tool that takes the model's text as it is. */
export const textKit: Kit = {
  ...common,
  name: 'runTools, text',
  make: ({ name, description, run }) => ({
    type: 'function',
    function: {
      name,
      description,
      parameters: SCHEMA,
      function: (text: string, runner: unknown) => run(JSON.parse(text) as Args, signalIn(runner)),
    },
  }),
  hand: handIn((args) => JSON.stringify(args)),
  ways: (setup, tool, call) => {
    const { function: inner } = tool as Runnable
    const { function: torn } = inner
    return {
      ...waysIn(setup, tool, call),
      'the inner function spread': () => ({ ...inner }).function(JSON.stringify(call.args)),
      'the function torn from its tool': () => torn(JSON.stringify(call.args)),
      'arguments that are no text': () => torn({ ...call.args }),
    }
  },
}

/** `runTools` over a tool that parses. */
export const parseKit: Kit = {
  ...common,
  name: 'runTools, parse',
  make: ({ name, description, run }) => ({
    type: 'function',
    function: {
      name,
      description,
      parameters: SCHEMA,
      parse: (text: string) => JSON.parse(text) as Args,
      function: (args: Args, runner: unknown) => run(args, signalIn(runner)),
    },
  }),
  hand: handIn((args) => args),
  ways: (setup, tool, call) => {
    const { function: inner } = tool as Runnable
    const rebuilt = { type: 'function', function: { ...inner, parse: (text: string) => JSON.parse(text) as Args } }
    return { ...waysIn(setup, tool, call), ...renamed(waysIn(setup, rebuilt, call), 'rebuilt: ') }
  },
}

const renamed = (ways: Ways, prefix: string): Ways =>
  Object.fromEntries(Object.entries(ways).map(([name, way]) => [`${prefix}${name}`, way]))

/** `runTools` over a `zodFunction`, whose parts are hidden. */
export const zodKit: Kit = {
  ...common,
  name: 'runTools, zodFunction',
  make: ({ name, description, run }) =>
    zodFunction({ name, description, parameters: zodSchema, function: (args) => run(args, undefined) }),
  hand: (_setup, tool, call): Hand => {
    const args: Args = { ...call.args }
    return {
      start: () => (tool as { readonly $callback: (args: Args) => Promise<unknown> }).$callback(args),
      spoil: (evil) => Object.assign(args, evil),
    }
  },
  ways: waysIn,
}
