import { type GuardedCall, type HostOptions, hostCall } from '@capfence/core'
import type { JudgedCall } from './judged-methods.ts'
import type { McpOptions, McpRequest } from './mcp-options.ts'
import { type Request, type RequestId, idKey } from './message.ts'

/** A judged request, and where it came from. */
export interface McpCallInit {
  readonly wanted: Omit<JudgedCall, 'paramsFor'>
  readonly request: Pick<Request, 'method' | 'params'> & { readonly id: RequestId | undefined }
  readonly extra: unknown
  /** Stands for the connection where the host names no run; undefined where nobody knows which it is. */
  readonly connection: string | undefined
  readonly signal: AbortSignal | undefined
}

/** The guarded call of a request. Throws what the host's own `contextOf` or `runOf` throws. */
export function mcpCall(
  host: HostOptions<McpRequest>,
  { wanted, request, extra, connection, signal }: McpCallInit,
): GuardedCall {
  const { method, id, params } = request
  const { tool, server, capability, args } = wanted
  const call = hostCall(host, {
    adapter: 'mcp',
    tool,
    server,
    args,
    run: connection,
    callId: id === undefined ? undefined : idKey(id),
    signal,
    request: { method, id, params, extra },
  })
  return capability === undefined ? call : { ...call, capability: call.capability ?? capability }
}

/** What the options say of the host alone: a guarded call has no other members than those of a call. */
export function hostOf(options: McpOptions): HostOptions<McpRequest> {
  const { server: _server, hideDenied: _hideDenied, judge: _judge, pins: _pins, ...host } = options
  return host
}
