import { type ActionRuntime, type HostOptions, guard, hostCall } from '@capfence/core/adapter'
import type { RunnerFunction } from 'openai/helpers/responses-tool-runner'
import type {
  ChatCompletionMessageToolCall,
  ChatCompletionToolMessageParam,
} from 'openai/resources/chat/completions/completions'
import type { ResponseFunctionToolCall, ResponseInputItem } from 'openai/resources/responses/responses'
import { type Callable, callableOf } from './callable.ts'
import { propertyOf } from './copy-with.ts'
import { isAskedFirst } from './hosted-mcp.ts'
import { type Refused, refusedOr, resultText } from './refusal.ts'
import { argsOrText } from './strict-json.ts'

/** A call of a function as the model makes it, in either API. */
export type FunctionCall = ChatCompletionMessageToolCall | ResponseFunctionToolCall

/** How one call is answered. */
export interface AnswerOptions {
  readonly signal?: AbortSignal | undefined
}

/** Runs one call behind the runtime and gives the message or item to send back. */
export interface AnswerCall {
  (call: ChatCompletionMessageToolCall, options?: AnswerOptions): Promise<ChatCompletionToolMessageParam>
  (call: ResponseFunctionToolCall, options?: AnswerOptions): Promise<ResponseInputItem.FunctionCallOutput>
}

/**
 * Guards the tools of a loop of your own: hand each `tool_calls[i]` of Chat Completions, or `function_call` item of
 * Responses, to the answer, and send back what it gives. A refusal, an unknown name and arguments that do not parse are
 * told to the model as `{"error": …}`; what a tool throws is thrown on.
 *
 * @example
 * ```ts
 * const answer = guardFunctionCalls(runtime, [readFile, pay], { actor: 'agent', environment: 'production' })
 * for (const item of response.output) if (item.type === 'function_call') input.push(await answer(item))
 * ```
 */
export function guardFunctionCalls(
  runtime: ActionRuntime,
  tools: readonly ({ readonly type: string } | RunnerFunction)[],
  options: HostOptions<FunctionCall>,
): AnswerCall {
  const callables = new Map<string, Callable>()
  for (const tool of tools) {
    const callable = isAskedFirst(tool) ? undefined : callableOf(tool, options.ungated)
    if (callable !== undefined) callables.set(callable.name, callable)
  }
  const answer = async (call: FunctionCall, { signal }: AnswerOptions = {}): Promise<unknown> => {
    const { id, name, text } = partsOf(call)
    const callable = callables.get(name)
    const result =
      callable === undefined
        ? { error: 'there is no function of that name here' }
        : await answered({ runtime, callable, options, call, id, text, signal })
    return call.type === 'function_call'
      ? { type: 'function_call_output', call_id: id, output: isContent(callable, result) ? result : resultText(result) }
      : { role: 'tool', tool_call_id: id, content: resultText(result) }
  }
  return answer as AnswerCall // the type of the call says which of the two it gives
}

interface Asked extends AnswerOptions {
  readonly runtime: ActionRuntime
  readonly callable: Callable
  readonly options: HostOptions<FunctionCall>
  readonly call: FunctionCall
  readonly id: string
  readonly text: string
}

async function answered(asked: Asked): Promise<unknown> {
  const { runtime, callable, options, call, id, text, signal } = asked
  const { name, parse, run } = callable
  const reading = read(text, parse)
  const args = reading instanceof Promise ? await reading : reading
  if (args.kind === 'unfit') return args.told
  const judged = hostCall(options, {
    adapter: 'openai-tools',
    tool: name,
    args: args.value,
    request: call,
    callId: id,
    signal,
  })
  try {
    return await guard(runtime, judged, (own, context) =>
      callable.at === 'execute'
        ? run(own, { signal: context.signal })
        : run(parse === undefined ? JSON.stringify(own) : own),
    )
  } catch (error) {
    return refusedOr(error)
  }
}

type Read = { readonly kind: 'args'; readonly value: unknown } | { readonly kind: 'unfit'; readonly told: Refused }

// What is no strict JSON goes on as the text that it is, to be refused on the record.
function read(text: string, parse: Callable['parse']): Read | Promise<Read> {
  const args = argsOrText(text)
  if (parse === undefined || args === text) return { kind: 'args', value: args }
  try {
    const value = parse(text)
    return isThenable(value) ? Promise.resolve(value).then(fit, unfit) : fit(value)
  } catch (cause) {
    return unfit(cause)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof propertyOf(value, 'then') === 'function'
}

function fit(value: unknown): Read {
  return { kind: 'args', value }
}

function unfit(cause: unknown): Read {
  return { kind: 'unfit', told: { error: cause instanceof Error ? cause.message : String(cause) } }
}

function partsOf(call: FunctionCall): { readonly id: string; readonly name: string; readonly text: string } {
  switch (call.type) {
    case 'function':
      return { id: call.id, name: call.function.name, text: call.function.arguments }
    case 'function_call':
      return { id: call.call_id, name: call.name, text: call.arguments }
    case 'custom':
      return { id: call.id, name: call.custom.name, text: call.custom.input }
    default:
      return call satisfies never
  }
}

// Only what a runner's function gives may be blocks of content; the model reads any other list as its JSON.
function isContent(callable: Callable | undefined, result: unknown): boolean {
  return callable?.at === 'execute' && Array.isArray(result)
}
