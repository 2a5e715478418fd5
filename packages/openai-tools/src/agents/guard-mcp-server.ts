import { type ActionRuntime, type HostOptions, guard, hostCall } from '@capfence/core/adapter'
import type { MCPServer } from '@openai/agents'
import { type Callback, isCallback } from '../callback.ts'
import { refusedOr } from '../refusal.ts'

type CallTool = MCPServer['callTool']

/** What the Agents SDK hands to an MCP server beside a tool's name and arguments. */
export interface McpRequest {
  readonly server: string
  readonly meta: Parameters<CallTool>[2]
}

// Not state of ours: the server behind a guarded one, so that what is guarded again is judged once.
const servers = new WeakMap<MCPServer, MCPServer>()

/**
 * Guards all tools of an MCP server, under the name that the host gave it (`mcp.<server>.<tool>` in the policy): each
 * call is judged, runs at most once on what was judged, and is recorded; a refusal is the tool's error result. The SDK
 * hands on no call id, so the same call made again is judged again.
 */
export function guardMcpServer<Server extends MCPServer>(
  runtime: ActionRuntime,
  server: Server,
  options: HostOptions<McpRequest>,
): Server {
  const original = servers.get(server) ?? server
  const guarded = new Proxy(original, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      if (!isCallback(value)) return value
      const method: Callback = (...args) => Reflect.apply(value, target, args)
      if (key !== 'callTool' && key !== 'callToolResult') return method
      return guardedCall({ runtime, server: target.name, call: method, options, shape: SHAPES[key] })
    },
  })
  servers.set(guarded, original)
  return guarded as Server // stands for a server of that very kind
}

const content = (text: string): object[] => [{ type: 'text', text }]

/** A refusal as each of the two calls gives it: the first hides its mark in the list, as the SDK does. */
const SHAPES = {
  callTool: (text: string) => Object.defineProperty(content(text), 'isError', { value: true, configurable: true }),
  callToolResult: (text: string) => ({ content: content(text), isError: true }),
} as const

interface GuardedServer {
  readonly runtime: ActionRuntime
  readonly server: string
  readonly call: Callback
  readonly options: HostOptions<McpRequest>
  readonly shape: (text: string) => object
}

function guardedCall({ runtime, server, call, options, shape }: GuardedServer): Callback {
  const guarded = async (...[tool, args, meta, given]: Parameters<CallTool>): Promise<unknown> => {
    const asked = hostCall(options, {
      adapter: 'openai-agents',
      server,
      tool,
      args: args ?? {},
      request: { server, meta },
      signal: given?.signal,
    })
    try {
      return await guard(runtime, asked, (own, { signal }) => call(tool, own, meta, { ...given, signal }))
    } catch (error) {
      return shape(refusedOr(error).error)
    }
  }
  return guarded as Callback // the SDK calls it with these four
}
