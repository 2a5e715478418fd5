import { callbackGuard, guardFetch, guardTransport } from '@capfence/mcp'
import type { StreamableHTTPClientTransport as HttpClientV2 } from '@modelcontextprotocol/client'
import type { StreamableHTTPClientTransport as HttpClientV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { StdioServerTransport as StdioV1 } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport as TransportV1 } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  McpServer as McpServerV2,
  type Transport as TransportV2,
  type WebStandardStreamableHTTPServerTransport,
  createMcpHandler,
} from '@modelcontextprotocol/server'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { line } from './line.ts'

const HOST = { actor: 'agent', environment: 'test', server: 'files' }
const INFO = { name: 'files', version: '1' }
const done = (text: string) => ({ content: [{ type: 'text' as const, text }] })

test('a-transport-of-either-major-keeps-its-type', async () => {
  const { runtime } = await line()
  const guarded = <Transport extends Parameters<typeof guardTransport>[1]>(_type: () => Transport): Transport =>
    guardTransport(runtime, { start: noop, send: noop, close: noop } as unknown as Transport, HOST) // for its type alone
  expectTypeOf(guarded((): TransportV1 => none())).toEqualTypeOf<TransportV1>()
  expectTypeOf(guarded((): TransportV2 => none())).toEqualTypeOf<TransportV2>()
  expectTypeOf(guarded((): StdioV1 => none())).toEqualTypeOf<StdioV1>()
  expectTypeOf(guarded((): HttpClientV1 => none())).toEqualTypeOf<HttpClientV1>()
  expectTypeOf(guarded((): HttpClientV2 => none())).toEqualTypeOf<HttpClientV2>()
  expectTypeOf(guarded((): InMemoryTransport => none())).toEqualTypeOf<InMemoryTransport>()
  expectTypeOf(guarded((): StreamableHTTPServerTransport => none())).toEqualTypeOf<StreamableHTTPServerTransport>()
  expectTypeOf(
    guarded((): WebStandardStreamableHTTPServerTransport => none()),
  ).toEqualTypeOf<WebStandardStreamableHTTPServerTransport>()
})

test('a-handler-keeps-its-type', async () => {
  const { runtime } = await line()
  const { fetch: serve } = createMcpHandler(() => new McpServerV2(INFO))
  expectTypeOf(guardFetch(runtime, serve, HOST)).toEqualTypeOf(serve)
})

test('a-callback-knows-its-arguments', async () => {
  const { runtime } = await line()
  const guarded = callbackGuard(runtime, HOST)
  new McpServerV1(INFO).registerTool(
    'read',
    { inputSchema: { amount: z.number() } },
    guarded('read', ({ amount }, { requestId }) => {
      expectTypeOf(amount).toEqualTypeOf<number>()
      expectTypeOf(requestId).toEqualTypeOf<string | number>()
      return done('v1')
    }),
  )
  new McpServerV2(INFO).registerTool(
    'read',
    { inputSchema: z.object({ amount: z.number() }) },
    guarded('read', ({ amount }, { mcpReq }) => {
      expectTypeOf(amount).toEqualTypeOf<number>()
      expectTypeOf(mcpReq.method).toEqualTypeOf<string>()
      return done('v2')
    }),
  )
})

async function noop(): Promise<void> {
  return Promise.resolve()
}

function none(): never {
  throw new Error('for its type alone')
}
