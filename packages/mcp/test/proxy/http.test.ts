import { request } from 'node:http'
import { expect, test, vi } from 'vitest'
import { HEADERS, INITIALIZE, ask, httpClient, rawBack, textIn } from './fixture/http-client.ts'

vi.setConfig({ testTimeout: 30_000 })

const call = (id: number, name: string, args: object = {}): object => ({
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})

test('a-command-is-served-over-http-and-judged', async () => {
  const client = await httpClient()
  expect(textIn(await client.call(1, 'echo', { a: 1 }))).toBe('{"a":1}')
  expect((await client.call(2, 'wipe'))?.result?.isError).toBe(true)
  expect(textIn(await client.call(3, 'seen'))).toBe('["initialize","tools/call","tools/call"]')
  expect(await client.trail()).toEqual(['allow', 'succeeded', 'deny', 'allow', 'succeeded'])
})

test('a-session-is-worth-nothing-without-its-credential', async () => {
  const tokens = ['alice-token', 'mallory-token']
  const access = { hosts: [], origins: [], tokens }
  const client = await httpClient({ access, headers: { authorization: 'Bearer alice-token' } })
  expect(textIn(await client.call(1, 'echo'))).toBe('{}')
  const stolen = await client.post(call(2, 'echo'), { authorization: 'Bearer mallory-token' })
  expect(stolen.status).toBe(404)
  for (const headers of [{ authorization: 'Bearer wrong' }, { authorization: '' }, { authorization: 'Basic YTpi' }]) {
    expect((await client.post(call(3, 'echo'), headers)).status).toBe(401)
  }
  const ended = await ask(client.port, {
    method: 'DELETE',
    headers: { 'mcp-session-id': client.session, authorization: 'Bearer mallory-token' },
  })
  expect(ended.status).toBe(404)
  expect(textIn(await client.call(4, 'echo'))).toBe('{}')
})

test('two-credentials-in-one-request-are-none', async () => {
  const client = await httpClient()
  const twice = await client.post(call(1, 'echo'), { authorization: ['Bearer a', 'Bearer b'] })
  expect(twice.status).toBe(401)
})

test.each([
  ['host', 'evil.example'],
  ['host', '127.0.0.1.evil.example:80'],
  ['host', 'localhost@evil.example'],
  ['origin', 'https://evil.example'],
  ['origin', 'http://localhost:1'],
  ['origin', 'null'],
  ['origin', ''],
])('a-page-in-a-browser-cannot-reach-it: %s %s', async (name, value) => {
  const client = await httpClient({ openBack: rejects })
  const { status } = await client.post(INITIALIZE, { [name]: value })
  expect(status).toBe(403)
})

test.each([
  ['host', 'localhost:9'],
  ['host', '[::1]:9'],
  ['host', 'box.example'],
  ['origin', 'https://app.example'],
])('those-that-were-named-can: %s %s', async (name, value) => {
  const access = { hosts: ['box.example'], origins: ['https://app.example'], tokens: [] }
  const { port } = await httpClient({ openBack: rejects, access })
  const { status } = await ask(port, { headers: { ...HEADERS, [name]: value }, body: JSON.stringify(INITIALIZE) })
  expect(status).toBe(502)
})

async function rejects(): Promise<never> {
  throw new Error('nothing here') // as a lint of promises wants it
}

test('what-a-page-may-read-is-said-to-allowed-pages-alone', async () => {
  const access = { hosts: [], origins: ['https://app.example'], tokens: ['t'] }
  const client = await httpClient({ openBack: rejects, access })
  const preflight = (origin: string) => ask(client.port, { method: 'OPTIONS', headers: { origin } })
  expect((await preflight('https://app.example')).header('access-control-allow-origin')).toBe('https://app.example')
  const other = await preflight('https://evil.example')
  expect({ status: other.status, allowed: other.header('access-control-allow-origin') }).toEqual({
    status: 403,
    allowed: undefined,
  })
})

test('what-is-no-single-message-is-refused-and-never-reaches-the-server', async () => {
  const client = await httpClient({ limits: { maxBodyBytes: 100_000 } })
  const bodies: readonly (readonly [string, number])[] = [
    [`[${JSON.stringify({ jsonrpc: '2.0', ...call(1, 'echo') })}]`, 400],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"ping"}', 400],
    ['{"jsonrpc":"2.0","id":1,', 400],
    ['"text"', 400],
    [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"${'x'.repeat(200_000)}"}}`, 413],
  ]
  for (const [body, status] of bodies) {
    const answer = await ask(client.port, { headers: { ...HEADERS, 'mcp-session-id': client.session }, body })
    expect({ body: body.slice(0, 60), status: answer.status }).toEqual({ body: body.slice(0, 60), status })
  }
  expect((await client.post(call(2, 'Echo'), { 'content-type': 'text/plain' })).status).toBe(415)
  expect((await client.post(call(2, 'Echo'), { 'content-encoding': 'gzip' })).status).toBe(415)
  expect((await client.post(call(2, 'Echo'), { accept: 'application/json' })).status).toBe(406)
  const { messages } = await client.post({ id: 3, method: 'Tools/Call', params: { name: 'echo', arguments: {} } })
  expect(messages[0]?.error?.code).toBe(-32601)
  expect(textIn(await client.call(4, 'seen'))).toBe('["initialize","tools/call"]')
})

test('headers-that-say-something-else-than-the-body-are-refused-and-those-that-agree-pass', async () => {
  const client = await httpClient()
  for (const headers of [
    { 'mcp-method': 'tools/list' },
    { 'mcp-name': 'wipe' },
    { 'mcp-name': '=?base64?d2lwZQ==?=' },
    { 'mcp-name': '=?base64?!?=' },
    { 'mcp-param-amount': '1' },
    { 'mcp-param-amount': '=?base64?MTA=?=' },
  ]) {
    const { status, messages } = await client.post(call(1, 'echo', { amount: 1000 }), headers)
    expect({ headers, status, code: messages[0]?.error?.code }).toEqual({ headers, status: 400, code: -32020 })
  }
  expect(await client.trail()).toEqual([])
  const agreeing = { 'mcp-method': 'tools/call', 'mcp-name': 'echo', 'mcp-param-amount': '1000' }
  const { messages } = await client.post(call(1, 'echo', { amount: 1000 }), agreeing)
  expect(textIn(messages.at(-1))).toBe('{"amount":1000}')
})

test('an-id-that-is-under-way-is-not-taken-a-second-time', async () => {
  const client = await httpClient()
  const hangs = client.post(call(1, 'hang')).catch(() => undefined)
  await vi.waitFor(async () => {
    expect((await client.post(call(1, 'echo'))).status).toBe(400)
  })
  expect(textIn(await client.call(2, 'seen'))).toContain('tools/call')
  await client.post({ method: 'notifications/cancelled', params: { requestId: 1 } })
  expect((await hangs)?.messages).toEqual([])
})

test('limits-on-sessions-and-requests-hold', async () => {
  const client = await httpClient({ limits: { maxSessions: 1, maxOpen: 2 } })
  expect((await ask(client.port, { headers: HEADERS, body: JSON.stringify(INITIALIZE) })).status).toBe(503)
  const hanging = [client.post(call(1, 'hang')), client.post(call(2, 'hang'))]
  await vi.waitFor(async () => {
    expect((await client.post(call(3, 'echo'))).status).toBe(503)
  })
  await client.close()
  await Promise.allSettled(hanging)
})

test('a-session-that-nobody-begun-or-that-ended-is-no-session', async () => {
  const client = await httpClient()
  expect((await client.post(call(1, 'echo'), { 'mcp-session-id': 'x' })).status).toBe(404)
  expect(
    (await ask(client.port, { headers: HEADERS, body: JSON.stringify({ jsonrpc: '2.0', ...call(1, 'echo') }) })).status,
  ).toBe(400)
  expect((await ask(client.port, { method: 'DELETE', headers: { 'mcp-session-id': client.session } })).status).toBe(200)
  expect((await client.post(call(2, 'echo'))).status).toBe(404)
})

test('a-request-of-2026-07-28-stands-alone', async () => {
  const client = await httpClient()
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
  const alone = (id: number, name: string) =>
    ask(client.port, {
      headers: HEADERS,
      body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {}, _meta: meta } }),
    })
  // The same id twice: two requests, and two calls.
  expect(textIn((await alone(1, 'echo')).messages[0])).toBe('{}')
  expect(textIn((await alone(1, 'seen')).messages[0])).toBe('["tools/call","tools/call"]')
  const refused = await alone(2, 'wipe')
  expect(refused.messages[0]?.result).toMatchObject({ isError: true, resultType: 'complete' })
})

test('a-client-that-hangs-up-on-a-request-that-stands-alone-gives-it-up', async () => {
  const client = await httpClient()
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
  const params = { name: 'hang', arguments: {}, _meta: meta }
  const hangUp = new AbortController()
  const hung = ask(client.port, {
    headers: HEADERS,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    signal: hangUp.signal,
  })
  await vi.waitFor(async () => {
    expect(await client.trail()).toContain('allow')
  })
  hangUp.abort()
  await expect(hung).rejects.toThrow('abort')
  await vi.waitFor(async () => {
    expect(await client.trail()).toHaveLength(2)
  })
})

test('what-the-server-asks-goes-out-on-the-stream-of-its-call', async () => {
  const client = await httpClient()
  const asking = client.post(call(1, 'ask'))
  await vi.waitFor(async () => {
    expect((await client.post({ id: 'ask-1', result: { action: 'accept' } })).status).toBe(202)
    expect(await client.trail()).toEqual(['allow', 'succeeded'])
  })
  const { messages } = await asking
  expect(messages[0]).toMatchObject({ id: 'ask-1', method: 'elicitation/create' })
  expect(textIn(messages.at(-1))).toBe('{"action":"accept"}')
})

test('a-client-that-does-not-read-does-not-keep-the-proxy-from-ending', async () => {
  const client = await httpClient({ limits: { stallMs: 60_000 } })
  const headers = { ...HEADERS, 'mcp-session-id': client.session }
  const unread = request({ port: client.port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers })
  unread.on('error', () => undefined)
  unread.end(JSON.stringify({ jsonrpc: '2.0', ...call(1, 'flood', { count: 20_000 }) }))
  await new Promise<void>((resolve) => {
    unread.once('response', (response) => {
      response.once('readable', resolve) // it came, and is left there
    })
  })
  await client.close()
  expect(await client.trail()).toHaveLength(2)
})

test('when-the-proxy-ends-so-do-its-servers', async () => {
  const client = await httpClient({ openBack: rawBack(['--stubborn']) })
  const pid = Number(textIn(await client.call(1, 'offspring')))
  await client.close()
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
})
