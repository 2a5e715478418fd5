import { type FetchOptions, guardFetch } from '@capfence/mcp'
import { McpServer, createMcpHandler } from '@modelcontextprotocol/server'
import { expect, test, vi } from 'vitest'
import { settled } from './attacks.ts'
import { type Rpc, line, notification, request, toldText, toolsCall } from './line.ts'

// Both SDKs take their time to load on machines that are busy.
vi.setConfig({ testTimeout: 30_000 })

const HOST: FetchOptions = { actor: 'agent', environment: 'test', server: 'files' }
const DONE = { content: [{ type: 'text', text: 'done' }] }
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

interface Post {
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

function post(body: unknown, { headers, signal }: Post = {}): Request {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Request('http://localhost/mcp', {
    method: 'POST',
    body: text,
    headers: { ...HEADERS, ...headers },
    ...(signal === undefined ? {} : { signal }),
  })
}

interface Served {
  readonly text: string
  readonly headers: Headers
  readonly beside: unknown
}

type Answer = (message: Rpc, request: Request) => Response | Promise<Response>

const json: Answer = ({ id }) => Response.json({ jsonrpc: '2.0', id, result: DONE }, { headers: { 'x-server': 'own' } })

/** A guarded handler, and what reached the one behind it. */
async function guarded(answer: Answer = json, options: Partial<FetchOptions> = {}) {
  const opened = await line()
  const served: Served[] = []
  const serve = async (asked: Request, beside?: { readonly parsedBody?: unknown }): Promise<Response> => {
    const text = await asked.text()
    served.push({ text, headers: asked.headers, beside })
    return answer(text === '' ? {} : (JSON.parse(text) as Rpc), asked)
  }
  const handle = guardFetch(opened.runtime, serve, { ...HOST, ...options })
  const ask = async (asked: Request, beside?: { readonly parsedBody?: unknown }) => {
    const response = await handle(asked, beside)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson(response) ? (JSON.parse(text) as Rpc) : undefined,
    }
  }
  return { ...opened, served, handle, ask }
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') === true
}

function events(...messages: unknown[]): Response {
  const text = messages.map(
    (message, index) => `: kept alive\n\nid: e${String(index)}\ndata: ${JSON.stringify(message)}\n\n`,
  )
  return new Response(`retry: 5\n\n${text.join('')}`, { headers: { 'content-type': 'text/event-stream' } })
}

test('an-allowed-call-is-served-anew-and-its-answer-comes-back', async () => {
  const { ask, served, outcomes } = await guarded()
  const call = toolsCall(1, 'read', { file: 'a' })
  const spaced = JSON.stringify(call, undefined, 4)
  const { status, body, headers } = await ask(
    post(spaced, { headers: { 'x-client': 'own', 'content-length': '9999' } }),
  )
  expect([status, body, headers.get('x-server')]).toEqual([200, { jsonrpc: '2.0', id: 1, result: DONE }, 'own'])
  expect(served.map(({ text }) => text)).toEqual([JSON.stringify(call)])
  expect(served[0]?.headers.get('x-client')).toBe('own')
  expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['succeeded'])
})

test('a-refused-call-is-never-served', async () => {
  const { ask, served } = await guarded()
  const { status, body } = await ask(post(toolsCall(1, 'wipe')))
  expect(status).toBe(200)
  expect(body).toMatchObject({ id: 1, result: { isError: true } })
  expect(toldText(body)).toContain('policy_deny')
  expect(served).toEqual([])
})

test('a-stream-comes-back-as-a-stream', async () => {
  const progress = notification('notifications/progress', { progress: 1 })
  const { ask, outcomes } = await guarded(({ id }) =>
    events(progress, { jsonrpc: '2.0', id, result: { ...DONE, isError: true } }),
  )
  const { text, headers } = await ask(post(toolsCall(1, 'read')))
  expect(headers.get('content-type')).toBe('text/event-stream')
  const told = [...text.matchAll(/^data: (.*)$/gmu)].map(([, data]) => JSON.parse(data ?? '') as unknown)
  expect(told).toEqual([progress, { jsonrpc: '2.0', id: 1, result: { ...DONE, isError: true } }])
  expect(text).toContain('id: e1\n')
  expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['failed'])
})

test('what-is-not-judged-goes-through', async () => {
  const { ask, served, decisions } = await guarded((message) =>
    message.id === undefined
      ? new Response(null, { status: 202 })
      : Response.json({ jsonrpc: '2.0', id: message.id, result: {} }, { status: 201 }),
  )
  expect(await ask(post(request('a', 'vendor/x', { y: 1 })))).toMatchObject({
    status: 201,
    body: { id: 'a', result: {} },
  })
  expect(await ask(post(notification('notifications/initialized')))).toMatchObject({ status: 202 })
  expect(await ask(new Request('http://localhost/mcp'))).toMatchObject({ status: 202 })
  expect(served).toHaveLength(3)
  expect(await decisions()).toEqual([])
})

interface Odd {
  readonly headers?: Record<string, string>
  readonly status: number
  readonly code: number
}

test.each<readonly [string, string, Odd]>([
  ['no json', '{"id":', { status: 400, code: -32_700 }],
  ['a batch', `[${JSON.stringify(toolsCall(1, 'read'))}]`, { status: 400, code: -32_600 }],
  [
    'a key twice',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","name":"wipe"}}',
    { status: 400, code: -32_600 },
  ],
  ['too much', `{"a":"${'x'.repeat(2000)}"}`, { status: 413, code: -32_600 }],
  ['compressed', '{}', { headers: { 'content-encoding': 'gzip' }, status: 415, code: -32_600 }],
  [
    'another method in Mcp-Method',
    JSON.stringify(toolsCall(1, 'read')),
    { headers: { 'mcp-method': 'ping' }, status: 400, code: -32_020 },
  ],
  [
    'another tool in Mcp-Name',
    JSON.stringify(toolsCall(1, 'read')),
    { headers: { 'mcp-name': 'wipe' }, status: 400, code: -32_020 },
  ],
  [
    'another argument in Mcp-Param',
    JSON.stringify(toolsCall(1, 'read', { file: 'a' })),
    { headers: { 'mcp-param-file': 'b' }, status: 400, code: -32_020 },
  ],
])('what-could-be-read-in-two-ways-is-refused: %s', async (_what, text, { headers = {}, status, code }) => {
  const { ask, served } = await guarded(json, { maxBytes: 1000 })
  expect(await ask(post(text, { headers }))).toMatchObject({ status, body: { error: { code } } })
  expect(served).toEqual([])
})

test('headers-that-agree-are-fine', async () => {
  const { ask, served } = await guarded()
  const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'read', 'mcp-param-file': 'a' }
  expect(await ask(post(toolsCall(1, 'read', { file: 'a' }), { headers }))).toMatchObject({
    body: { id: 1, result: DONE },
  })
  expect(served).toHaveLength(1)
})

test('a-body-that-is-not-utf-8-is-refused', async () => {
  const { ask, served } = await guarded()
  const body = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
  expect(await ask(new Request('http://localhost/mcp', { method: 'POST', body, headers: HEADERS }))).toMatchObject({
    status: 400,
  })
  expect(served).toEqual([])
})

test('a-body-that-was-parsed-already-is-judged-and-made-anew', async () => {
  const { ask, served } = await guarded()
  const read = { parsedBody: toolsCall(1, 'read', { file: 'a' }) }
  expect(await ask(post('{"what":"ever"}'), read)).toMatchObject({ body: { id: 1, result: DONE } })
  expect(served[0]?.beside).toEqual(read)
  const beside = served[0]?.beside as typeof read | undefined
  expect(beside?.parsedBody).not.toBe(read.parsedBody)
  expect(await ask(post(toolsCall(1, 'read')), { parsedBody: toolsCall(2, 'wipe') })).toMatchObject({
    body: { result: { isError: true } },
  })
  expect(await ask(post(toolsCall(1, 'read')), { parsedBody: [toolsCall(2, 'read')] })).toMatchObject({ status: 400 })
  expect(served).toHaveLength(1)
})

test('who-calls-is-read-from-the-request', async () => {
  const contextOf = ({ extra }: { readonly extra: unknown }) => {
    const { request: asked } = extra as { readonly request: Request }
    return { actor: asked.headers.get('x-user') ?? 'nobody' }
  }
  const { ask, decisions } = await guarded(json, { contextOf })
  await ask(post(toolsCall(1, 'read', { actor: 'root' }), { headers: { 'x-user': 'bob' } }))
  expect(await decisions()).toMatchObject([{ event: { actor: 'bob' } }])
})

test.each<readonly [string, Answer]>([
  ['another id', () => Response.json({ jsonrpc: '2.0', id: 2, result: DONE })],
  ['no json', () => new Response('{', { headers: { 'content-type': 'application/json' } })],
  ['a text', () => new Response('no', { status: 500 })],
  ['a stream that ends', () => events()],
  ['a fault', () => Promise.reject(new Error('down'))],
])('a-call-that-the-server-does-not-answer-has-failed-and-hangs-nobody: %s', async (_what, answer) => {
  const { ask, outcomes } = await guarded(answer)
  const { status, body, text } = await ask(post(toolsCall(1, 'read')))
  expect(body?.error !== undefined || status === 500 || text.includes('"error"')).toBe(true)
  await settled()
  expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['failed'])
})

test('a-handler-that-throws-over-what-is-not-judged-throws', async () => {
  const { ask } = await guarded(() => Promise.reject(new Error('down')))
  await expect(ask(post(request(1, 'ping')))).rejects.toThrow('down')
})

test('a-client-that-goes-away-gives-its-call-up', async () => {
  const leave = new AbortController()
  const { promise, resolve } = Promise.withResolvers<AbortSignal>()
  const { handle, outcomes } = await guarded((_message, { signal }) => {
    resolve(signal)
    return new Promise<Response>(() => undefined) // never answers
  })
  void handle(post(toolsCall(1, 'read'), { signal: leave.signal }))
  const signal = await promise
  leave.abort()
  await settled()
  expect(signal.aborted).toBe(true)
  expect((await outcomes()).map(({ outcome }) => outcome)).toEqual(['failed'])
})

test('the-tools-that-a-handler-lists-are-pinned-and-hidden', async () => {
  const { runtime } = await line()
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'files', version: '1' })
    for (const name of ['read', 'wipe']) server.registerTool(name, {}, () => ({ content: [] }))
    return server
  })
  const handle = guardFetch(runtime, handler.fetch, { ...HOST, hideDenied: true })
  const text = await (await handle(post(request(1, 'tools/list')))).text()
  expect(text).toContain('"read"')
  expect(text).not.toContain('"wipe"')
})
