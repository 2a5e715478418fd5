import { type ActionRuntime, type HostOptions, guard, hostCall } from '@capfence/core/adapter'
import type { ChatCompletionRunner } from 'openai/lib/ChatCompletionRunner'
import type { ChatCompletionStreamingRunner } from 'openai/lib/ChatCompletionStreamingRunner'
import { type Callable, callableOf } from './callable.ts'
import { type Callback, standFor } from './callback.ts'
import { copyWith, propertyOf } from './copy-with.ts'
import { isAskedFirst } from './hosted-mcp.ts'
import { refusedOr } from './refusal.ts'
import { claimCallId, runOfRunner } from './runner-calls.ts'
import { argsOrText, strictArgs } from './strict-json.ts'

/** What `runTools` hands to a tool beside its arguments. */
export interface RunToolsRequest {
  readonly runner: ChatCompletionRunner<unknown> | ChatCompletionStreamingRunner<unknown> | undefined
  readonly toolContext: unknown
}

/**
 * Guards the tools of `client.chat.completions.runTools`: each call is judged, runs at most once on what was judged, and
 * is recorded. A refusal is the tool's result `{ error }`, so that the model can go on. Tools that OpenAI runs itself
 * are refused here, unless they go ungated on the record or ask `approveMcp` first.
 *
 * @example
 * ```ts
 * const tools = guardTools(runtime, [readFile, pay], { actor: 'agent', environment: 'production' })
 * const runner = client.chat.completions.runTools({ model, messages, tools })
 * ```
 */
export function guardTools<Tools extends readonly { readonly type: string }[] | []>(
  runtime: ActionRuntime,
  tools: Tools,
  options: HostOptions<RunToolsRequest>,
): Tools {
  const guarded = tools.map((tool: object) => guardTool(runtime, tool, options))
  return guarded as readonly object[] as Tools // each is a copy of its kind
}

function guardTool(runtime: ActionRuntime, tool: object, options: HostOptions<RunToolsRequest>): object {
  if (isAskedFirst(tool)) return tool
  const callable = callableOf(tool, options.ungated)
  if (callable === undefined || callable.at === 'execute') return tool // the types let no `execute` in
  const { parse, at } = callable
  const texts = new WeakMap<object, string>()
  const run = guardedCallback({ runtime, callable, options, texts })
  const read = parse === undefined ? undefined : strictParse(parse, texts)
  if (at === '$callback') return copyWith(tool, { $callback: run, $parseRaw: read })
  const inner = propertyOf(tool, 'function') as object // its `function` was found there
  return copyWith(tool, {
    function: copyWith(inner, read === undefined ? { function: run } : { function: run, parse: read }),
  })
}

interface GuardedTool {
  readonly runtime: ActionRuntime
  readonly callable: Callable
  readonly options: HostOptions<RunToolsRequest>
  /** The model's text of what was parsed out of it. */
  readonly texts: WeakMap<object, string>
}

function guardedCallback({ runtime, callable, options, texts }: GuardedTool): Callback {
  const { name, parse, run } = callable
  const guarded: Callback = async (asked, runner, toolContext) => {
    const text = typeof asked === 'string' ? asked : textBehind(texts, asked)
    const call = hostCall(options, {
      adapter: 'openai-tools',
      tool: name,
      args: parse === undefined && typeof asked === 'string' ? argsOrText(asked) : asked,
      request: { runner: runner as RunToolsRequest['runner'], toolContext },
      run: runOfRunner(runner),
      callId: claimCallId(runner, { name, text }),
      signal: signalOf(runner),
    })
    try {
      return await guard(runtime, call, (args) =>
        run(parse === undefined ? JSON.stringify(args) : args, runner, toolContext),
      )
    } catch (error) {
      return refusedOr(error)
    }
  }
  return standFor(guarded, run)
}

function strictParse(parse: (text: string) => unknown, texts: WeakMap<object, string>): (text: string) => unknown {
  const remember = <Value>(value: Value, text: string): Value => {
    if (typeof value === 'object' && value !== null) texts.set(value, text)
    return value
  }
  return (text) => {
    strictArgs(text)
    const value = parse(text)
    return value instanceof Promise ? value.then((parsed: unknown) => remember(parsed, text)) : remember(value, text)
  }
}

function textBehind(texts: WeakMap<object, string>, parsed: unknown): string | undefined {
  return typeof parsed === 'object' && parsed !== null ? texts.get(parsed) : undefined
}

function signalOf(runner: unknown): AbortSignal | undefined {
  const signal = propertyOf(propertyOf(runner, 'controller'), 'signal')
  return signal instanceof AbortSignal ? signal : undefined
}
