import type { CaseTool } from '@capfence/conformance'
import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js'
import { McpServer as McpServerV1, type RegisteredTool } from '@modelcontextprotocol/sdk/server/mcp.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { McpServer as McpServerV2, Server as ServerV2 } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { z } from 'zod'
import type { Wire } from './named-calls.ts'

/** What a tool's callback gives back to either SDK. */
export interface ToolResult {
  readonly content: { type: 'text'; text: string }[]
  readonly isError?: boolean
  readonly [more: string]: unknown
}

type Args = Record<string, unknown>

/** Puts something in front of each callback, as a server's author does. */
export type Around = (tool: string, callback: Callback) => Callback

/** A callback of either SDK; the second is what the SDK hands over beside the arguments. */
type Callback = (args: Args, beside: never) => ToolResult | Promise<ToolResult>

/** A server of one SDK major with the tools of a case. */
export interface SdkServer {
  readonly major: 1 | 2
  /** Serves the tools on a transport. */
  readonly serve: (tools: readonly CaseTool[], wire: Wire, around?: Around) => Promise<void>
}

const SCHEMA = z.object({
  amount: z.number().optional(),
  file: z.string().optional(),
  to: z.string().optional(),
  note: z.string().optional(),
})
const JSON_SCHEMA = {
  type: 'object' as const,
  properties: {
    amount: { type: 'number' },
    file: { type: 'string' },
    to: { type: 'string' },
    note: { type: 'string' },
  },
}
const INFO = { name: 'cases', version: '1.0.0' }
const plain: Around = (_tool, callback) => callback

/** A tool of the cases as a callback. */
function callbackOf(tool: CaseTool): Callback {
  return async (args, beside) => result(await tool.run(args, signalOf(beside)))
}

function result(value: unknown): ToolResult {
  return { content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] }
}

function signalOf(beside: unknown): AbortSignal | undefined {
  const { signal, mcpReq } = beside as {
    readonly signal?: AbortSignal
    readonly mcpReq?: { readonly signal: AbortSignal }
  }
  return mcpReq?.signal ?? signal
}

// `McpServer` keeps its tools as members of a plain object, and so has no place for these.
function areOdd(tools: readonly CaseTool[]): boolean {
  return tools.some(({ name }) => name in {})
}

const listed = (tools: readonly CaseTool[]) => ({
  tools: tools.map(({ name, description }) => ({ name, description, inputSchema: JSON_SCHEMA })),
})

interface Asked {
  readonly name: string
  readonly arguments?: Args | undefined
}

/** Calls the tool of that name, as `McpServer` does. */
function caller(tools: readonly CaseTool[], around: Around): (asked: Asked, beside: unknown) => Promise<ToolResult> {
  const callbacks = new Map(tools.map((tool) => [tool.name, around(tool.name, callbackOf(tool))]))
  return async (asked, beside) => {
    const callback = callbacks.get(asked.name)
    if (callback === undefined) throw new Error(`no tool ${asked.name}`)
    return callback(asked.arguments ?? {}, beside as never)
  }
}

/** A server of `@modelcontextprotocol/sdk`. */
export const serverV1: SdkServer = {
  major: 1,
  serve: async (tools, wire, around = plain) => {
    if (areOdd(tools)) {
      const server = new ServerV1(INFO, { capabilities: { tools: {} } })
      server.setRequestHandler(ListToolsRequestSchema, () => listed(tools))
      const call = caller(tools, around)
      server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => call(params, extra))
      return server.connect(wire as never) // its own type is of its own messages
    }
    return mcpServerV1(tools, around).server.connect(wire as never)
  },
}

/** An `McpServer` of v1 and what `registerTool` gave. */
function mcpServerV1(
  tools: readonly CaseTool[],
  around: Around = plain,
): { readonly server: McpServerV1; readonly registered: ReadonlyMap<string, RegisteredTool> } {
  const server = new McpServerV1(INFO)
  const registered = new Map<string, RegisteredTool>()
  for (const tool of tools) {
    const config = { description: tool.description, inputSchema: SCHEMA.shape }
    const callback = around(tool.name, callbackOf(tool)) as never // one callback for both majors
    registered.set(tool.name, server.registerTool(tool.name, config, callback))
  }
  return { server, registered }
}

/** An `McpServer` of v2. */
function mcpServerV2(tools: readonly CaseTool[], around: Around = plain): McpServerV2 {
  const server = new McpServerV2(INFO, { capabilities: { tools: {} } })
  for (const tool of tools) {
    server.registerTool(
      tool.name,
      { description: tool.description, inputSchema: SCHEMA },
      around(tool.name, callbackOf(tool)) as never, // one callback for both majors
    )
  }
  return server
}

function lowServerV2(tools: readonly CaseTool[], around: Around): ServerV2 {
  const call = caller(tools, around)
  const server = new ServerV2(INFO, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => listed(tools) as never)
  server.setRequestHandler('tools/call', ({ params }, beside) => call(params, beside) as never)
  return server
}

/** The factory of a v2 server, for what makes one for each connection or request. */
export function factoryV2(tools: readonly CaseTool[], around: Around = plain): () => McpServerV2 | ServerV2 {
  return () => (areOdd(tools) ? lowServerV2(tools, around) : mcpServerV2(tools, around))
}

/** A server of `@modelcontextprotocol/server`, for either era. */
export const serverV2: SdkServer = {
  major: 2,
  serve: async (tools, wire, around = plain) => {
    serveStdio(factoryV2(tools, around), { transport: wire as never })
  },
}
