import { callbackGuard } from '@capfence/mcp'
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer as McpServerV2, acceptedContent, inputRequired } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { pair } from './fixture.ts'
import { line } from './line.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

const HOST = { actor: 'agent', environment: 'test', server: 'files' }
const INFO = { name: 'files', version: '1' }
const done = (text = 'done') => ({ content: [{ type: 'text' as const, text }] })

async function setUp() {
  const opened = await line()
  return { ...opened, guarded: callbackGuard(opened.runtime, HOST) }
}

test.each([1, 2] as const)('arguments-are-judged-as-they-were-validated: v%d', async (major) => {
  const { guarded, decisions } = await setUp()
  const inputSchema = { file: z.string().trim().default('all'), amount: z.coerce.number() }
  const seen: unknown[] = []
  const [near, far] = pair()
  const callback = guarded('read', (args: { readonly file: string; readonly amount: number }) => {
    seen.push(args)
    return done()
  })
  if (major === 1) {
    const server = new McpServerV1(INFO)
    server.registerTool('read', { inputSchema }, callback)
    await server.connect(far as never)
  } else {
    const server = new McpServerV2(INFO)
    server.registerTool('read', { inputSchema: z.object(inputSchema) }, callback)
    await server.connect(far as never)
  }
  const client = new ClientV1(INFO)
  await client.connect(near as never)
  expect(await client.callTool({ name: 'read', arguments: { amount: '5', other: 1 } })).toMatchObject(done())
  expect(seen).toEqual([{ file: 'all', amount: 5 }])
  expect(await client.callTool({ name: 'read', arguments: { amount: 'five' } })).toMatchObject({ isError: true })
  expect(await decisions()).toHaveLength(1)
})

test.each([1, 2] as const)('a-tool-without-arguments-is-judged-without-any: v%d', async (major) => {
  const { guarded, decisions } = await setUp()
  const [near, far] = pair()
  const ran: unknown[] = []
  const made = (name: string) =>
    guarded(name, (extra: object) => {
      ran.push('signal' in extra || 'mcpReq' in extra)
      return done()
    })
  const server = (major === 1 ? new McpServerV1(INFO) : new McpServerV2(INFO)) as McpServerV1 // alike in these members
  for (const name of ['read', 'wipe']) server.registerTool(name, {}, made(name))
  await server.connect(far as never)
  const client = new ClientV1(INFO)
  await client.connect(near as never)
  expect(await client.callTool({ name: 'read' })).toMatchObject(done())
  expect(await client.callTool({ name: 'wipe' })).toMatchObject({
    isError: true,
    _meta: { 'dev.capfence/verdict': { decision: 'deny' } },
  })
  expect(ran).toEqual([true])
  expect((await decisions()).map(({ decision }) => decision)).toEqual(['allow', 'deny'])
})

test('what-is-called-by-hand-is-judged-whatever-it-is-called-with', async () => {
  const { guarded, decisions } = await setUp()
  const ran: unknown[] = []
  const wipe = guarded('wipe', async (...given: unknown[]): Promise<unknown> => ran.push(given))
  const signal = new AbortController().signal
  for (const given of [
    [],
    [{ file: 'a' }],
    [{ file: 'a' }, { signal }],
    [{ signal }],
    [{ signal: 'no' }],
    [null],
    [1, 2, 3],
  ]) {
    expect(await wipe(...given)).toMatchObject({ isError: true })
  }
  expect(ran).toEqual([])
  expect(await decisions()).toHaveLength(7)
  const read = guarded('read', async (...given: unknown[]): Promise<unknown> => given)
  expect(await read({ signal: 'mine' })).toEqual([{ signal: 'mine' }])
  const sized = guarded('sized', async (...given: unknown[]): Promise<unknown> => given)
  expect(await sized({ n: 5 })).toEqual([{ n: 5 }])
  expect(await sized({ n: 11 })).toMatchObject({ isError: true })
})

test('a-result-that-says-so-is-a-failure-and-goes-on-and-so-does-what-is-thrown', async () => {
  const { guarded, outcomes } = await setUp()
  const failed = { ...done('no'), isError: true }
  expect(await guarded('read', async () => failed)()).toBe(failed)
  await expect(guarded('read', () => Promise.reject(new RangeError('full')))()).rejects.toThrow('full')
  expect((await outcomes()).map(({ outcome, error }) => [outcome, error])).toEqual([
    ['failed', 'ToolFailedError'],
    ['failed', 'RangeError'],
  ])
})

test('a-tool-is-guarded-once-under-a-plain-name-of-its-server', async () => {
  const { guarded, runtime } = await setUp()
  const once = guarded('read', () => done())
  expect(() => guarded('read', once)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  expect(() => callbackGuard(runtime, { ...HOST, server: 'My Files' })).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }),
  )
})

test('calls-of-two-connections-do-not-meet-where-nobody-knows-which-they-are', async () => {
  const { guarded } = await setUp()
  let runs = 0
  const read = guarded('read', async (_args: object, _extra: object) => done(String(++runs)))
  const extra = { requestId: 1, signal: new AbortController().signal }
  expect(await read({}, extra)).toEqual(done('1'))
  expect(await read({}, extra)).toEqual(done('2'))
  expect(await read({}, { ...extra, sessionId: 's' })).toEqual(done('3'))
  expect(await read({}, { ...extra, sessionId: 's' })).toEqual(done('3'))
})

test('what-a-user-answered-is-judged-with-the-arguments', async () => {
  const { guarded, decisions } = await setUp()
  const schema = z.object({ sum: z.number() })
  const ran: unknown[] = []
  const [near, far] = pair()
  serveStdio(
    () => {
      const server = new McpServerV2(INFO, { capabilities: { tools: {} } })
      const form = guarded(
        'form',
        (
          { note }: { readonly note: string },
          { mcpReq }: { readonly mcpReq: { readonly inputResponses?: object } },
        ) => {
          const answer = acceptedContent(mcpReq.inputResponses as never, 'sum', schema)
          ran.push([note, answer])
          if (answer !== undefined) return done()
          return inputRequired({
            inputRequests: { sum: inputRequired.elicit({ message: '?', requestedSchema: schema }) },
          })
        },
      )
      server.registerTool('form', { inputSchema: z.object({ note: z.string() }) }, form)
      return server
    },
    { transport: far as never },
  )
  const client = new ClientV2(INFO, { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: {} } })
  let sum = 5
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { sum } }))
  await client.connect(near as never)
  expect(await client.callTool({ name: 'form', arguments: { note: 'a' } })).toMatchObject(done())
  sum = 11
  expect(await client.callTool({ name: 'form', arguments: { note: 'b' } })).toMatchObject({ isError: true })
  expect(ran).toEqual([
    ['a', undefined],
    ['a', { sum: 5 }],
    ['b', undefined],
  ])
  expect((await decisions()).map(({ decision }) => decision)).toEqual(['allow', 'allow', 'allow', 'deny'])
})
