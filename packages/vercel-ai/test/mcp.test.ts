import { type MCPTransport, createMCPClient } from '@ai-sdk/mcp'
import { guardTools } from '@capfence/vercel-ai'
import { expect, test } from 'vitest'
import { call, gate } from './gate.ts'
import { sdk7 } from './sdk.ts'
import { generated } from './talk.ts'

type Message = Parameters<MCPTransport['send']>[0]

/** An MCP server in this process, with two tools that it also names as other tools are named. */
function server(called: unknown[]): MCPTransport {
  const inputSchema = { type: 'object', properties: { amount: { type: 'number' } }, additionalProperties: false }
  const answer = (method: string, params: unknown): object => {
    if (method === 'initialize') {
      return { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }
    }
    if (method === 'tools/list') return { tools: ['read', 'pay'].map((name) => ({ name, inputSchema })) }
    called.push(params)
    return { content: [{ type: 'text', text: 'done' }] }
  }
  const transport: MCPTransport = {
    start: async () => Promise.resolve(),
    close: async () => Promise.resolve(),
    send: async (message: Message) => {
      if (!('id' in message) || !('method' in message)) return Promise.resolve()
      const result = answer(message.method, message.params) as Record<string, unknown>
      queueMicrotask(() => transport.onmessage?.({ jsonrpc: '2.0', id: message.id, result }))
    },
  }
  return transport
}

test('the-tools-of-an-mcp-server-are-guarded-and-claim-no-other-tools-capability', async () => {
  const called: unknown[] = []
  const client = await createMCPClient({ transport: server(called) })
  const { runtime, host, decisions } = await gate()
  const raw = await client.tools()
  const tools = guardTools(runtime, raw, { ...host, server: 'files' })
  expect(Object.getPrototypeOf(tools)).toBeNull()
  const turns = [[call('c1', 'pay', { amount: 5 })], [call('c2', 'read', { amount: 'no number', b: 2 })]]
  const said = await generated(sdk7, tools, { turns })
  expect(said.told.map(({ isError }) => isError)).toEqual([true, false])
  expect(called).toMatchObject([{ name: 'read', arguments: { amount: 'no number', b: 2 } }])
  expect(await decisions()).toMatchObject([
    { decision: 'deny', event: { tool: 'mcp.files.pay', capability: 'mcp.files.pay' } },
    { decision: 'allow', event: { tool: 'mcp.files.read' } },
  ])
  await client.close()
})
