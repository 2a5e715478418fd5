import {
  type ActionRuntime,
  CallRefusedError,
  CapFenceError,
  type GuardedCall,
  guard,
  refusalText,
  refuseUngateable,
} from '@capfence/core'
import { errorResult } from './gate/answers.ts'
import { checkServer } from './gate/judged-methods.ts'
import { hostOf, mcpCall } from './gate/mcp-call.ts'
import type { McpHostOptions } from './gate/mcp-options.ts'
import { type RequestId, isRequestId, own } from './gate/message.ts'

/** Marks what is guarded, also by a second installed copy of this package. */
const BRAND = Symbol.for('capfence.guarded')

/** What the user answered (2026-07-28): input of the tool as its arguments are, and so judged with them. */
const INPUTS = 'inputResponses'

type Callback = (...given: unknown[]) => unknown

/** Puts the callback of one tool behind the gate. What it gives has the same type, and always answers by a promise. */
export type CallbackGuard = <ToolCallback>(tool: string, callback: ToolCallback) => ToolCallback

/**
 * For server authors: guards callbacks where they are registered, at the last point before a tool's effect, where its
 * arguments are validated. For `registerTool` of either SDK major. A refusal is a result with `isError`.
 * `TOOL_UNGATEABLE` for what is no function, such as the handlers of `registerToolTask`.
 *
 * @example `server.registerTool('pay', config, guarded('pay', async ({ amount }) => …))`
 */
export function callbackGuard(runtime: ActionRuntime, options: McpHostOptions): CallbackGuard {
  checkServer(options.server)
  return (tool, callback) => {
    if (typeof callback !== 'function') {
      refuseUngateable(tool, 'its handler is no function; guard the transport', options.ungated)
      return callback
    }
    if (Object.hasOwn(callback, BRAND)) {
      throw new CapFenceError('OPTION_INVALID', `the tool \`${tool.slice(0, 80)}\` is guarded already; guard it once`)
    }
    const run = callback as unknown as Callback // as an SDK calls it
    const guarded = (...given: readonly unknown[]): Promise<unknown> => {
      const asked = readGiven(given)
      return answered(runtime, callOf(tool, asked, options), ({ [INPUTS]: _inputs, ...args }) =>
        asked.hasArgs ? run(args, ...asked.beside) : run(...asked.beside),
      )
    }
    return Object.defineProperty(guarded, BRAND, { value: true }) as unknown as typeof callback
  }
}

/** What an SDK hands to a callback: arguments, where the tool has any, and what stands beside them. */
interface Asked {
  readonly hasArgs: boolean
  readonly args: unknown
  readonly beside: readonly unknown[]
}

function readGiven(given: readonly unknown[]): Asked {
  const [first, ...rest] = given
  // Arguments are judged, so nothing passes for what stands beside them but what only an SDK has.
  const hasArgs = given.length > 1 || !(signalOf(first) instanceof AbortSignal)
  return hasArgs ? { hasArgs, args: first ?? {}, beside: rest } : { hasArgs, args: {}, beside: given }
}

function callOf(tool: string, { args, beside: [extra] }: Asked, options: McpHostOptions): GuardedCall {
  const session = own(extra, 'sessionId')
  const signal = signalOf(extra)
  return mcpCall(hostOf(options), {
    wanted: { tool, server: options.server, args: withInputs(args, own(own(extra, 'mcpReq'), INPUTS)) },
    request: { method: 'tools/call', id: idOf(extra), params: { name: tool, arguments: args } },
    extra,
    // Ids count from 0 on each connection: without a session nobody knows which one this is.
    connection: typeof session === 'string' ? session : undefined,
    signal: signal instanceof AbortSignal ? signal : undefined,
  })
}

// Of two values for one name neither counts: null is no arguments, and so refused on the record.
function withInputs(args: unknown, inputs: unknown): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return args
  if (Object.hasOwn(args, INPUTS)) return null
  return inputs === undefined ? args : { ...args, [INPUTS]: inputs }
}

// v1 hands over `signal` and `requestId`, v2 `mcpReq` with both.
function signalOf(extra: unknown): unknown {
  return own(own(extra, 'mcpReq'), 'signal') ?? own(extra, 'signal')
}

function idOf(extra: unknown): RequestId | undefined {
  const id = own(own(extra, 'mcpReq'), 'id') ?? own(extra, 'requestId')
  return isRequestId(id) ? id : undefined
}

/** The callback's own result says that the tool failed: for the record. */
class ToolFailedError extends Error {
  readonly result: unknown

  constructor(result: unknown) {
    super('the tool failed')
    this.name = 'ToolFailedError'
    this.result = result
  }
}

async function answered(
  runtime: ActionRuntime,
  call: GuardedCall,
  run: (args: Record<string, unknown>) => unknown,
): Promise<unknown> {
  try {
    return await guard(runtime, call, async (args) => {
      const result = await run(args)
      if (own(result, 'isError') === true) throw new ToolFailedError(result)
      return result
    })
  } catch (cause) {
    if (cause instanceof CallRefusedError) return errorResult(undefined, refusalText(cause.verdict), cause.verdict)
    if (cause instanceof ToolFailedError) return cause.result
    throw cause
  }
}
