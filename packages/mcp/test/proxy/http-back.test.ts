import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Message, Received } from '../../src/proxy/back.ts'
import { httpBack } from '../../src/proxy/http-back.ts'
import { HEADERS, ask, httpClient, textIn } from './fixture/http-client.ts'
import { listening } from './fixture/sdk-http.ts'

interface Request {
  readonly method: string
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly id?: number | string; readonly method?: string } | undefined
}

type Answer = (request: Request, response: ServerResponse) => void

interface Server {
  readonly url: URL
  readonly requests: Request[]
}

/** A server whose answers a test writes by hand. */
async function server(answer: Answer): Promise<Server> {
  const requests: Request[] = []
  const made = await listening(
    createServer((request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      request.on('end', () => {
        const body = text === '' ? undefined : (JSON.parse(text) as Request['body'])
        const asked = { method: request.method ?? '', headers: request.headers, body }
        requests.push(asked)
        answer(asked, response)
      })
    }),
  )
  onTestFinished(made.close)
  return { url: made.url, requests }
}

interface Client {
  readonly send: (message: object) => Promise<void>
  readonly heard: { readonly message: Message; readonly received: Received }[]
  readonly said: string[]
  /** Waits for the answer to a request. */
  readonly answerTo: (id: number) => Promise<Message>
}

async function client(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<Client> {
  const heard: Client['heard'] = []
  const said: string[] = []
  const back = await httpBack({ url, headers, maxMessageBytes: 10_000 })({
    message: async (message, received) => {
      heard.push({ message, received })
      await Promise.resolve()
    },
    say: (text) => said.push(text),
    closed: (why) => said.push(why),
  })
  onTestFinished(() => back.close())
  return {
    send: (message) => back.send({ jsonrpc: '2.0', ...message }),
    heard,
    said,
    answerTo: async (id) => {
      await vi.waitFor(() => {
        expect(heard.map(({ message }) => message['id'])).toContain(id)
      }, 10_000)
      return heard.find(({ message }) => message['id'] === id)?.message ?? {}
    },
  }
}

const json = (response: ServerResponse, value: object, headers: object = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}
const answered = (id: unknown): object => ({ jsonrpc: '2.0', id, result: { protocolVersion: '2025-11-25', tools: [] } })
const event = (value: object, id = ''): string => `${id === '' ? '' : `id: ${id}\n`}data: ${JSON.stringify(value)}\n\n`

test('a-stream-that-the-server-closes-to-be-polled-is-gone-on-with', async () => {
  const { url, requests } = await server(({ method }, response) => {
    if (method === 'DELETE') return void response.end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    if (method === 'POST') return void response.end(`id: e1\nretry: 1\ndata:\n\n`)
    return void response.end(event(answered(1), 'e2'))
  })
  const { send, answerTo } = await client(url)
  await send({ id: 1, method: 'tools/list' })
  expect(await answerTo(1)).toEqual(answered(1))
  expect(requests.map(({ method, headers }) => [method, headers['last-event-id']])).toEqual([
    ['POST', undefined],
    ['GET', 'e1'],
  ])
})

test('a-session-that-the-server-forgot-is-begun-again-and-the-request-is-made-again', async () => {
  let sessions = 0
  const { url, requests } = await server(({ method, headers, body }, response) => {
    if (method !== 'POST') return void response.writeHead(405).end()
    if (body?.method === 'initialize')
      return json(response, answered(body.id), { 'mcp-session-id': `s${String(++sessions)}` })
    if (headers['mcp-session-id'] === 's1' && body?.id !== undefined) return void response.writeHead(404).end()
    return body?.id === undefined ? void response.writeHead(202).end() : json(response, answered(body.id))
  })
  const { send, answerTo, heard } = await client(url)
  await send({ id: 0, method: 'initialize', params: {} })
  await answerTo(0)
  await send({ method: 'notifications/initialized' })
  await Promise.all([send({ id: 1, method: 'tools/list' }), send({ id: 2, method: 'tools/list' })])
  expect(await answerTo(1)).toEqual(answered(1))
  expect(await answerTo(2)).toEqual(answered(2))
  expect(sessions).toBe(2)
  expect(requests.filter(({ headers }) => headers['mcp-session-id'] === 's2').length).toBeGreaterThanOrEqual(3)
  expect(heard.map(({ message }) => message['method'])).toContain('notifications/tools/list_changed')
})

const BROKEN: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  'an answer without a message': (response) => response.writeHead(500).end('oops'),
  'a page': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
  'a redirect': (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  'a connection that is cut off': (response) => response.destroy(),
  'an answer that is too long': (response) => {
    json(response, { ...answered(1), more: 'x'.repeat(20_000) })
  },
  'a stream without the answer': (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(event({ method: 'x' })),
}

test.each(Object.keys(BROKEN))('is-an-error-for-whoever-asked: %s', async (what) => {
  const { url } = await server((_request, response) => {
    BROKEN[what]?.(response)
  })
  const { send, answerTo } = await client(url, { authorization: 'Bearer secret-token' })
  await send({ id: 1, method: 'tools/list' })
  const { error } = await answerTo(1)
  expect(error).toMatchObject({ code: -32000 })
  expect(JSON.stringify(error)).not.toContain('secret-token')
})

test('a-request-of-2026-07-28-says-in-its-headers-what-its-body-says-and-is-cancelled-by-hanging-up', async () => {
  let isHungUp = false
  const { url, requests } = await server(({ method }, response) => {
    if (method !== 'POST') return void response.writeHead(405).end()
    response.on('close', () => {
      isHungUp = true
    })
    return undefined
  })
  const { send } = await client(url)
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
  await send({ id: 1, method: 'tools/call', params: { name: 'päy', arguments: {}, _meta: meta } })
  await vi.waitFor(() => {
    expect(requests).toHaveLength(1)
  })
  expect(requests[0]?.headers).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': '=?base64?cMOkeQ==?=',
  })
  await send({ method: 'notifications/cancelled', params: { requestId: 1 } })
  await vi.waitFor(() => {
    expect(isHungUp).toBe(true)
  })
  expect(requests).toHaveLength(1)
})

test('what-a-client-presents-is-handed-on-only-where-that-was-said', async () => {
  const { url, requests } = await server(({ method, body }, response) => {
    if (method !== 'POST' || body?.id === undefined) return void response.writeHead(202).end()
    return json(response, answered(body.id))
  })
  for (const forwardsAuthorization of [false, true]) {
    const headers = { authorization: 'Bearer of-the-client' }
    const openBack = httpBack({ url, headers: {}, maxMessageBytes: 10_000 })
    const proxied = await httpClient({ openBack, isProcess: false, forwardsAuthorization, headers })
    await proxied.close()
  }
  const initialize = requests.filter(({ body }) => body?.method === 'initialize')
  expect(initialize.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer of-the-client'])
})

test('an-answer-that-is-an-error-of-400-stays-one', async () => {
  const refused = { jsonrpc: '2.0', id: 1, error: { code: -32022, message: 'no such revision' } }
  const { url } = await server((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(refused))
  })
  const openBack = httpBack({ url, headers: {}, maxMessageBytes: 10_000 })
  const { port } = await httpClient({ openBack, isProcess: false })
  const params = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server/discover', params })
  const { status, messages } = await ask(port, { headers: HEADERS, body })
  expect({ status, messages }).toEqual({ status: 400, messages: [refused] })
  expect(textIn(messages[0])).toContain('-32022')
})
