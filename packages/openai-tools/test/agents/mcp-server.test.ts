import { Agent, type MCPServer, run as runAgent } from '@openai/agents'
import { ScriptedModel, assistantMessage, functionCall } from '@openai/agents/testing'
import { expect, test } from 'vitest'
import { guardMcpServer } from '../../src/agents/index.ts'
import { HOST, gate } from '../gate.ts'
import { toldIn } from './agents-fixture.ts'

type CallTool = MCPServer['callTool']
type Content = Awaited<ReturnType<CallTool>>
type Full = Awaited<ReturnType<NonNullable<MCPServer['callToolResult']>>>

/** A server with private parts, so that whatever stands in front of it must hand on the right `this`. */
class FakeServer implements MCPServer {
  readonly #called: unknown[] = []
  cacheToolsList = false
  useStructuredContent: boolean

  constructor(useStructuredContent = false) {
    this.useStructuredContent = useStructuredContent
  }

  get name(): string {
    return this.#called.length < 0 ? '' : 'files'
  }

  get called(): readonly unknown[] {
    return this.#called
  }

  async connect(): Promise<void> {}
  async close(): Promise<void> {}
  async invalidateToolsCache(): Promise<void> {}

  async listTools(): ReturnType<MCPServer['listTools']> {
    const properties = { file: { type: 'string' }, amount: { type: 'number' } }
    const inputSchema = { type: 'object' as const, properties, required: [], additionalProperties: false }
    return ['read', 'wipe', 'pay'].map((name) => ({ name, description: `${name}.`, inputSchema }))
  }

  async callTool(...given: Parameters<CallTool>): Promise<Content> {
    return (await this.callToolResult(...given)).content
  }

  async callToolResult(...[tool, args]: Parameters<CallTool>): Promise<Full> {
    this.#called.push([tool, args])
    return { content: [{ type: 'text', text: `${tool} done` }], structuredContent: { tool } }
  }
}

async function converse(server: MCPServer, tool: string, args: Record<string, unknown>): Promise<readonly object[]> {
  const model = new ScriptedModel([[functionCall(tool, args, { callId: 'c1' })], [assistantMessage('done')]])
  const result = await runAgent(new Agent({ name: 'Clerk', model, mcpServers: [server] }), 'go')
  expect(result.finalOutput).toBe('done')
  return toldIn(result.newItems)
}

test.each([false, true])('the-tools-of-a-server-are-guarded-through-either-call: structured %s', async (isFull) => {
  const { runtime, decisions } = await gate()
  const server = new FakeServer(isFull)
  const guarded = guardMcpServer(runtime, server, HOST)
  expect(guarded).toBeInstanceOf(FakeServer)
  expect(await converse(guarded, 'read', { file: 'a' })).toMatchObject([{ isError: false }])
  expect(await converse(guarded, 'wipe', { file: 'a' })).toMatchObject([
    { text: expect.stringContaining('no-wiping') as string },
  ])
  expect(await converse(guarded, 'pay', { amount: 5000 })).toMatchObject([
    { text: expect.stringContaining('big-payments') as string },
  ])
  expect(server.called).toEqual([['read', { file: 'a' }]])
  expect((await decisions()).map(({ event }) => 'tool' in event && event.tool)).toEqual([
    'mcp.files.read',
    'mcp.files.wipe',
    'mcp.files.pay',
  ])
})

test('a-proxy-of-callTool-alone-is-walked-round-where-this-one-is-not', async () => {
  const server = new FakeServer(true)
  const naive = new Proxy(server, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      if (key === 'callTool') return async () => [{ type: 'text', text: 'denied' }]
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  await converse(naive, 'wipe', { file: 'a' })
  expect(server.called).toHaveLength(1)

  const { runtime } = await gate()
  await converse(guardMcpServer(runtime, server, HOST), 'wipe', { file: 'a' })
  expect(server.called).toHaveLength(1)
})

test('a-refusal-is-the-error-result-of-either-call', async () => {
  const { runtime } = await gate()
  const guarded = guardMcpServer(runtime, new FakeServer(), HOST)
  const content = await guarded.callTool('wipe', null)
  expect(content).toEqual([{ type: 'text', text: expect.stringContaining('no-wiping') as string }])
  expect(content.isError).toBe(true)
  expect(Object.keys(content)).toEqual(['0'])
  expect(await guarded.callToolResult('wipe', {})).toMatchObject({ isError: true })
})

test('a-server-that-is-guarded-again-is-judged-once-and-what-it-throws-is-thrown-on', async () => {
  const { runtime, decisions } = await gate()
  const server = new FakeServer()
  const guarded = guardMcpServer(runtime, guardMcpServer(runtime, server, HOST), HOST)
  await guarded.callTool('read', { file: 'a' })
  expect(await decisions()).toHaveLength(1)
  server.callToolResult = async () => {
    throw new RangeError('gone')
  }
  await expect(guarded.callTool('read', { file: 'b' })).rejects.toThrow(RangeError)
})
