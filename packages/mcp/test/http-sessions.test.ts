import { guardTransport } from '@capfence/mcp'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { expect, test, vi } from 'vitest'
import { line } from './line.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

const HOST = { actor: 'agent', environment: 'test', server: 'files' }
const INFO = { name: 'files', version: '1' }

test.each([true, false])(
  'a-session-over-http-is-gated-and-refusals-find-their-request: json %s',
  async (enableJsonResponse) => {
    const { runtime, decisions } = await line()
    const ran: string[] = []
    const server = new McpServer(INFO)
    for (const name of ['read', 'wipe']) {
      server.registerTool(name, {}, () => {
        ran.push(name)
        return { content: [{ type: 'text', text: 'done' }] }
      })
    }
    const http = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => 's-1', enableJsonResponse })
    const sessions: unknown[] = []
    const contextOf = ({ extra }: { readonly extra: unknown }): object => {
      sessions.push(typeof extra === 'object' && extra !== null && 'requestInfo' in extra)
      return {}
    }
    await server.connect(guardTransport(runtime, http, { ...HOST, contextOf }))
    const client = new Client(INFO)
    const url = new URL('http://localhost/mcp')
    const serve = (to: string | URL, init?: RequestInit): Promise<Response> => http.handleRequest(new Request(to, init))
    const transport = new StreamableHTTPClientTransport(url, { fetch: serve })
    await client.connect(transport)
    const results = await Promise.all(['wipe', 'read', 'wipe'].map((name) => client.callTool({ name })))
    expect(results.map(({ isError }) => isError === true)).toEqual([true, false, true])
    expect(ran).toEqual(['read'])
    expect(sessions).toEqual([true, true, true])
    expect(await decisions()).toHaveLength(3)
    await client.close()
  },
)
