import { type McpOptions, guardTransport } from '@capfence/mcp'
import { Client as ClientV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { CallToolRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { McpServer as McpServerV2, acceptedContent, inputRequired } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { pair } from './fixture.ts'
import { type Line, line } from './line.ts'
import type { Wire } from './named-calls.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

const HOST: McpOptions = { actor: 'agent', environment: 'test', server: 'files' }
const INFO = { name: 'files', version: '1' }
const done = (text = 'done') => ({ content: [{ type: 'text' as const, text }] })

function guardedEnds({ runtime }: Line): readonly [near: Wire, far: Wire] {
  const [near, far] = pair()
  return [near, guardTransport(runtime, far, HOST)]
}

describe('what a server changes once it is connected is gated', () => {
  test.each([1, 2] as const)('a-callback-that-is-exchanged: v%d', async (major) => {
    const ran: string[] = []
    const opened = await line()
    const [near, far] = guardedEnds(opened)
    // As either major has it, where the two do not differ.
    const server = (major === 1 ? new McpServerV1(INFO) : new McpServerV2(INFO)) as McpServerV1
    const registered = server.registerTool('wipe', {}, () => done())
    const late = (name: string) => () => {
      ran.push(name)
      return done()
    }
    await server.connect(far as never)
    registered.update({ callback: late('updated') })
    server.registerTool('delete', {}, late('registered later'))
    const client = new ClientV1(INFO)
    await client.connect(near as never)
    for (const name of ['wipe', 'delete']) expect(await client.callTool({ name })).toMatchObject({ isError: true })
    expect(ran).toEqual([])
    expect((await opened.decisions()).map(({ decision }) => decision)).toEqual(['deny', 'deny'])
  })

  test.each([1, 2] as const)('the-last-setter-of-the-request-handler: v%d', async (major) => {
    const ran: string[] = []
    const opened = await line()
    const [near, far] = guardedEnds(opened)
    const handler = (): ReturnType<typeof done> => {
      ran.push('handler')
      return done()
    }
    if (major === 1) {
      const server = new McpServerV1(INFO)
      server.registerTool('wipe', {}, () => done())
      await server.connect(far as never)
      server.server.setRequestHandler(CallToolRequestSchema, handler)
    } else {
      const server = new McpServerV2(INFO)
      server.registerTool('wipe', {}, () => done())
      await server.connect(far as never)
      server.server.setRequestHandler('tools/call', handler)
    }
    const client = new ClientV1(INFO)
    await client.connect(near as never)
    expect(await client.callTool({ name: 'wipe' })).toMatchObject({ isError: true })
    expect(await client.callTool({ name: 'read' })).toMatchObject(done())
    expect(ran).toEqual(['handler'])
  })
})

describe('what a client calls past callTool is gated', () => {
  test('a-request-by-its-method-and-a-call-as-a-task', async () => {
    const opened = await line()
    const [near, far] = pair()
    const server = new McpServerV1(INFO)
    const ran: string[] = []
    server.registerTool('wipe', {}, () => {
      ran.push('wipe')
      return done()
    })
    await server.connect(far as never)
    const client = new ClientV1(INFO)
    await client.connect(guardTransport(opened.runtime, near, HOST) as never)
    const wiped = { name: 'wipe', arguments: {} }
    expect(await client.request({ method: 'tools/call', params: wiped }, z.looseObject({}))).toMatchObject({
      isError: true,
    })
    const stream = client.experimental.tasks.callToolStream(wiped, undefined, { task: { ttl: 1000 } })
    for await (const piece of stream) expect(['result', 'error', 'taskCreated']).toContain(piece.type)
    expect(ran).toEqual([])
  })
})

describe('what else goes through a gate', () => {
  test('a-user-is-asked-while-a-call-is-open', async () => {
    const [near, far] = guardedEnds(await line())
    const server = new McpServerV1(INFO)
    server.registerTool('read', {}, async () => {
      const { action } = await server.server.elicitInput({
        message: 'sure?',
        requestedSchema: { type: 'object', properties: {} },
      })
      return done(action)
    })
    await server.connect(far as never)
    const client = new ClientV1(INFO, { capabilities: { elicitation: {} } })
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept', content: {} }))
    await client.connect(near as never)
    expect(await client.callTool({ name: 'read' })).toMatchObject(done('accept'))
  })

  test('progress-and-tools-that-change', async () => {
    const [near, far] = guardedEnds(await line())
    const server = new McpServerV1(INFO)
    const read = server.registerTool('read', {}, async ({ _meta, sendNotification }) => {
      const progressToken = _meta?.progressToken ?? ''
      await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } })
      return done()
    })
    await server.connect(far as never)
    const changed = Promise.withResolvers<void>()
    const client = new ClientV1(INFO, { listChanged: { tools: { onChanged: () => changed.resolve() } } })
    await client.connect(near as never)
    const seen: unknown[] = []
    const onprogress = (progress: unknown): void => void seen.push(progress)
    await client.callTool({ name: 'read' }, undefined, { onprogress })
    expect(seen).toEqual([{ progress: 1, total: 2 }])
    read.update({ description: 'another' })
    await changed.promise
    expect((await client.listTools()).tools).toMatchObject([{ name: 'read', description: 'another' }])
  })

  test('a-failure-to-send-as-it-was-thrown', async () => {
    const failure = Object.assign(new Error('log in first'), { code: 'unauthorized' })
    const [near] = pair()
    near.send = () => Promise.reject(failure)
    const { runtime } = await line()
    await expect(new ClientV1(INFO).connect(guardTransport(runtime, near, HOST) as never)).rejects.toBe(failure)
  })
})

describe('more rounds, of 2026-07-28', () => {
  async function formed(answers: { readonly sum: number }) {
    const opened = await line()
    const [near, far] = guardedEnds(opened)
    const ran: unknown[] = []
    const schema = z.object({ sum: z.number() })
    serveStdio(
      () => {
        const server = new McpServerV2(INFO, { capabilities: { tools: {} } })
        server.registerTool('form', {}, (ctx) => {
          const answer = acceptedContent(ctx.mcpReq.inputResponses, 'sum', schema)
          ran.push(answer)
          if (answer !== undefined) return done()
          return inputRequired({
            inputRequests: { sum: inputRequired.elicit({ message: '?', requestedSchema: schema }) },
          })
        })
        return server
      },
      { transport: far as never },
    )
    const client = new ClientV2(INFO, { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: {} } })
    client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { ...answers } }))
    await client.connect(near as never)
    return { ...opened, ran, result: await client.callTool({ name: 'form', arguments: {} }) }
  }

  test('are-each-judged-and-run-where-both-are-allowed', async () => {
    const { ran, result, decisions } = await formed({ sum: 5 })
    expect((await decisions()).map(({ decision }) => decision)).toEqual(['allow', 'allow'])
    expect(result).toMatchObject(done())
    expect(ran).toEqual([undefined, { sum: 5 }])
  })

  test('are-each-judged-with-what-the-user-answered', async () => {
    const { ran, result, decisions } = await formed({ sum: 11 })
    expect((await decisions()).map(({ decision }) => decision)).toEqual(['allow', 'deny'])
    expect(result).toMatchObject({ isError: true })
    expect(ran).toEqual([undefined])
  })
})

describe('a guarded transport', () => {
  /** As a transport of an SDK that has private parts. */
  class OwnTransport {
    readonly #sent: unknown[] = []
    onmessage?: ((message: never) => void) | undefined
    onclose?: (() => void) | undefined
    sessionId: string | undefined = undefined
    version = ''

    get sent(): readonly unknown[] {
      return this.#sent
    }

    async start(): Promise<void> {
      this.sessionId = `s${String(this.#sent.length)}`
      return Promise.resolve()
    }

    async send(message: unknown): Promise<void> {
      this.#sent.push(message)
      return Promise.resolve()
    }

    async close(): Promise<void> {
      this.onclose?.()
      return Promise.resolve()
    }

    setProtocolVersion(version: string): void {
      this.version = version
    }
  }

  test('is-the-same-transport-in-all-else', async () => {
    const { runtime } = await line()
    const own = new OwnTransport()
    const guarded: OwnTransport = guardTransport(runtime, own, HOST)
    expect(guarded).toBeInstanceOf(OwnTransport)
    expect(guarded.onmessage).toBeUndefined()
    await guarded.start()
    guarded.setProtocolVersion('2025-11-25')
    guarded.sessionId = 'other'
    let closed = 0
    guarded.onclose = () => void closed++
    await guarded.send({ jsonrpc: '2.0', id: 1, method: 'ping' })
    await guarded.close()
    expect([own.sessionId, own.version, own.sent, closed]).toEqual([
      'other',
      '2025-11-25',
      [{ jsonrpc: '2.0', id: 1, method: 'ping' }],
      1,
    ])
  })

  test('is-guarded-once', async () => {
    const { runtime } = await line()
    const guarded = guardTransport(runtime, new OwnTransport(), HOST)
    expect(() => guardTransport(runtime, guarded, HOST)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })
})
