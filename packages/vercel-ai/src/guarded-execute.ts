import {
  type ActionRuntime,
  type GuardedCall,
  type ToolContext,
  guard,
  guardStream,
  hostCall,
} from '@capfence/core/adapter'
import type { ToolRequest, VercelOptions } from './host-options.ts'

/** Marks what is guarded, also by a second installed copy of this package; holds what makes the guarded call. */
const BRAND = Symbol.for('capfence.guarded')

/** The `execute` of one tool, as the SDK calls it. */
type Execute = (input: unknown, request: ToolRequest) => unknown

/** The call that a guard judges for a call of the SDK. */
type CallOf = (input: unknown, request: ToolRequest) => GuardedCall

/** A tool that can be guarded. */
interface OwnTool {
  readonly name: string
  readonly tool: object
  readonly execute: (...given: unknown[]) => unknown
}

/** What makes the guarded calls of an `execute` that is behind a gate; undefined for any other. */
export function guardedCallOf(execute: unknown): CallOf | undefined {
  if (typeof execute !== 'function' || !Object.hasOwn(execute, BRAND)) return undefined
  return Reflect.get(execute, BRAND) as CallOf // set below and nowhere else
}

/**
 * Puts a tool's `execute` behind the gate. The SDK looks at what it gives before it awaits it: a tool that streams must
 * give its iterable at once, and one that does not must give none.
 */
export function guardedExecute(runtime: ActionRuntime, own: OwnTool, options: VercelOptions): Execute {
  const { streaming = [], server, ...host } = options
  const callOf: CallOf = (input, request) =>
    hostCall(host, {
      adapter: 'vercel-ai',
      tool: own.name,
      server,
      args: input,
      request,
      // With the name: a tool that calls another one hands its own id on.
      callId: `${request.toolCallId} ${own.name}`,
      signal: request.abortSignal,
    })
  const started = (request: ToolRequest) => (args: unknown, context: ToolContext) =>
    own.execute.call(own.tool, args, { ...request, abortSignal: context.signal })
  const execute: Execute =
    streaming.includes(own.name) || isAsyncGenerator(own.execute)
      ? (input, request) =>
          guardStream(runtime, callOf(input, request), (args, context) => pieces(started(request)(args, context)))
      : (input, request) =>
          guard(runtime, callOf(input, request), (args, context) =>
            Promise.resolve(started(request)(args, context)).then(last),
          )
  return Object.defineProperty(execute, BRAND, { value: callOf })
}

function isAsyncGenerator(execute: unknown): boolean {
  return Object.prototype.toString.call(execute) === '[object AsyncGeneratorFunction]'
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

// A tool that streams at times gives its result at others: that is its one piece.
async function* pieces(given: unknown): AsyncGenerator<unknown, void, undefined> {
  const result = await given
  if (isAsyncIterable(result)) yield* result
  else yield result
}

// Of a stream that nobody declared the SDK would make a result that nobody can read; its result is its last piece.
function last(result: unknown): unknown {
  return isAsyncIterable(result) ? lastPiece(result) : result
}

async function lastPiece(pieces: AsyncIterable<unknown>): Promise<unknown> {
  let piece: unknown
  for await (piece of pieces);
  return piece
}
