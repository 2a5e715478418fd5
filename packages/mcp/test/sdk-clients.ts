import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { z } from 'zod'
import type { Wire } from './named-calls.ts'
import type { ToolResult } from './sdk-servers.ts'

/** A request as `client.request` takes it. */
interface AnyRequest {
  readonly method: string
  readonly params: Record<string, unknown>
}

/** A client of one SDK major, connected. */
export interface SdkClient {
  readonly callTool: (params: Record<string, unknown>, signal?: AbortSignal) => Promise<ToolResult>
  /** The way round `callTool`. */
  readonly request: (request: AnyRequest, signal?: AbortSignal) => Promise<ToolResult>
  readonly listTools: () => Promise<readonly unknown[]>
  readonly close: () => Promise<void>
}

/** Connects a client of one SDK major. */
export interface SdkConnect {
  readonly major: 1 | 2
  readonly connect: (wire: Wire) => Promise<SdkClient>
}

const INFO = { name: 'agent', version: '1.0.0' }
const options = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal === undefined ? {} : { signal })

/** A client of `@modelcontextprotocol/sdk`. */
export const clientV1: SdkConnect = {
  major: 1,
  connect: async (wire) => {
    const client = new ClientV1(INFO)
    await client.connect(wire as never) // its own type is of its own messages
    return {
      callTool: async (params, signal) =>
        (await client.callTool(params as never, undefined, options(signal))) as unknown as ToolResult,
      request: async (request, signal) =>
        (await client.request(request, z.looseObject({}), options(signal))) as unknown as ToolResult,
      listTools: async () => (await client.listTools()).tools,
      close: () => client.close(),
    }
  },
}

/** A client of `@modelcontextprotocol/client`, of 2026-07-28 where the server is. */
export const clientV2: SdkConnect = {
  major: 2,
  connect: async (wire) => {
    const client = new ClientV2(INFO, { versionNegotiation: { mode: 'auto' } })
    await client.connect(wire as never)
    return {
      callTool: async (params, signal) =>
        (await client.callTool(params as never, options(signal))) as unknown as ToolResult,
      request: async (request, signal) =>
        (await client.request(request, z.looseObject({}), options(signal))) as unknown as ToolResult,
      listTools: async () => (await client.listTools()).tools,
      close: () => client.close(),
    }
  },
}
