import { request } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import type { Back, BackEvents, OpenBack } from '../../src/proxy/back.ts'
import { byteBuffer } from '../../src/proxy/byte-buffer.ts'
import { openConnection } from '../../src/proxy/connection.ts'
import { openAnswers } from '../../src/proxy/open-answers.ts'
import { errorsTo, showErrors } from '../../src/proxy/server-errors.ts'
import { settled } from '../attacks.ts'
import { proxyGate } from './fixture/gate.ts'
import { HEADERS, INITIALIZE, ask, httpClient } from './fixture/http-client.ts'

vi.setConfig({ testTimeout: 30_000 })

const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
const call = (id: number | string, name = 'echo', more: object = {}): Record<string, unknown> => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {}, ...more },
})

/** A server that is only begun when it is told to, and answers `initialize` alone. */
function held(): { openBack: OpenBack; go: () => void; opened: () => number; closed: () => number } {
  const start = Promise.withResolvers<undefined>()
  let [opened, closed] = [0, 0]
  const back = ({ message }: BackEvents): Back => ({
    send: async ({ id, method }) => {
      if (method === 'initialize') await message({ jsonrpc: '2.0', id, result: {} }, {})
    },
    close: async () => {
      closed += 1
      await Promise.resolve()
    },
  })
  return {
    openBack: async (events) => {
      opened += 1
      if (opened > 1) await start.promise
      return back(events)
    },
    go: () => {
      start.resolve(undefined)
    },
    opened: () => opened,
    closed: () => closed,
  }
}

async function until(claim: () => boolean): Promise<void> {
  await vi.waitFor(() => {
    expect(claim()).toBe(true)
  })
}

describe('over HTTP', () => {
  test('a-client-that-leaves-while-its-server-is-begun-leaves-nothing-behind', async () => {
    const server = held()
    const client = await httpClient({ openBack: server.openBack })
    const leave = new AbortController()
    const asked = ask(client.port, {
      headers: HEADERS,
      body: JSON.stringify(call(1, 'echo', { _meta: META })),
      signal: leave.signal,
    })
    await until(() => server.opened() === 2)
    leave.abort()
    await expect(asked).rejects.toThrow()
    await ask(client.port, { method: 'OPTIONS' }) // so that it has seen the other one leave
    server.go()
    await settled(50)
    await client.close()
    expect(server.closed()).toBe(server.opened())
    expect(await client.trail()).toEqual([])
  })

  test.each([INITIALIZE, call(1, 'echo', { _meta: META })])(
    'no-more-servers-are-begun-at-once-than-there-may-be-sessions: %#',
    async (message) => {
      const server = held()
      const { port } = await httpClient({ openBack: server.openBack, limits: { maxSessions: 3 } })
      const leave = new AbortController()
      const asked = Array.from({ length: 12 }, async () =>
        ask(port, { headers: HEADERS, body: JSON.stringify(message), signal: leave.signal }).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      const refused = await Promise.race([Promise.all(asked.slice(-1)), settled(2000).then(() => ['in time'])])
      expect(refused).toEqual([503])
      expect(server.opened()).toBe(3)
      server.go()
      await settled(50)
      leave.abort()
      await Promise.all(asked)
    },
  )

  test('a-session-whose-client-left-in-the-middle-of-a-call-is-idle', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'performance'] })
    try {
      const client = await httpClient({ limits: { idleMs: 1_000 } })
      const leave = new AbortController()
      const body = JSON.stringify(call(1, 'hang'))
      const headers = { ...HEADERS, 'mcp-session-id': client.session }
      const asked = ask(client.port, { headers, body, signal: leave.signal })
      await vi.waitFor(async () => {
        expect(await client.trail()).toEqual(['allow'])
      })
      leave.abort()
      await expect(asked).rejects.toThrow()
      await ask(client.port, { method: 'OPTIONS' })
      vi.advanceTimersByTime(120_000)
      await vi.waitFor(async () => {
        expect((await client.trail()).length).toBe(2)
      })
      expect((await client.post(call(2))).status).toBe(404)
    } finally {
      vi.useRealTimers()
    }
  })

  test('a-body-in-parts-of-one-byte-is-read-as-any-other', async () => {
    const client = await httpClient()
    const text = JSON.stringify(call(1))
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...HEADERS, 'mcp-session-id': client.session }
      const asked = request(
        { host: '127.0.0.1', port: client.port, path: '/mcp', method: 'POST', headers },
        (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode))
        },
      )
      asked.on('error', reject)
      for (const char of text) asked.write(char)
      asked.end()
    })
    expect(status).toBe(200)
  })
})

describe('a connection', () => {
  test('holds-no-more-than-fits-of-calls-that-are-given-up-before-they-are-on-the-record', async () => {
    const gate = await proxyGate()
    const told: unknown[] = []
    const back: Back = { send: () => Promise.resolve(), close: () => Promise.resolve() }
    const connection = await openConnection(
      { ...gate, openBack: () => Promise.resolve(back) },
      { toClient: (message) => Promise.resolve(void told.push(message)), closed: () => undefined },
    )
    // Nothing is awaited that lets a record be written.
    for (let id = 0; id < 1_100; id += 1) {
      void connection.fromClient(call(id), 10)
      void connection.fromClient({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }, 10)
    }
    expect(told.length).toBe(1_100 - 1_024)
    await connection.close()
  })

  test('is-not-opened-further-by-what-it-refuses', async () => {
    const gate = await proxyGate()
    const told: unknown[] = []
    const back: Back = { send: () => Promise.resolve(), close: () => Promise.resolve() }
    const connection = await openConnection(
      { ...gate, openBack: () => Promise.resolve(back) },
      { toClient: (message) => Promise.resolve(void told.push(message['id'])), closed: () => undefined },
    )
    for (let id = 0; id < 1_024; id += 1) await connection.fromClient({ jsonrpc: '2.0', id, method: 'ping' }, 10)
    for (const id of [0, 'new', 0, 'newer']) await connection.fromClient({ jsonrpc: '2.0', id, method: 'ping' }, 10)
    expect(told).toEqual([0, 'new', 0, 'newer'])
    await connection.close()
  })

  test('takes-no-further-message-before-a-call-without-an-id-is-on-the-record', async () => {
    const gate = await proxyGate()
    const back: Back = { send: () => Promise.resolve(), close: () => Promise.resolve() }
    const connection = await openConnection(
      { ...gate, openBack: () => Promise.resolve(back) },
      { toClient: () => Promise.resolve(), closed: () => undefined },
    )
    const { id: _id, ...nameless } = call(1)
    await connection.fromClient(nameless, 10)
    expect(await gate.trail()).toEqual(['deny'])
    await connection.close()
  })
})

test('an-id-that-is-used-again-counts-each-time', async () => {
  const open = openAnswers()
  for (let count = 0; count < 1_024; count += 1) expect(open.begin('same', 1)).toBe(true)
  expect(open.begin('same', 1)).toBe(false)
  open.end('same')
  expect(open.begin('other', 1)).toBe(true)
  open.forget('same')
  open.end('other')
  await open.settled()
})

test('bytes-in-small-parts-are-held-as-bytes', () => {
  const bytes = byteBuffer()
  for (let at = 0; at < 5_000; at += 1) bytes.add(Uint8Array.of(at % 251))
  expect(bytes.take()).toEqual(Buffer.from(Array.from({ length: 5_000 }, (_, at) => at % 251)))
  expect(bytes.take()).toHaveLength(0)
})

test('a-terminal-does-not-obey-what-a-server-writes-there', async () => {
  expect([errorsTo(true), errorsTo(false)]).toEqual(['pipe', 'inherit'])
  const [errors, shown]: [PassThrough, string[]] = [new PassThrough(), []]
  showErrors(errors, (text) => shown.push(text))
  errors.end('ready\n\u001b]52;c;ZXZpbA==\u0007\u001b[2Jall good\rcapfence: fine\r\n')
  await new Promise((resolve) => errors.once('end', resolve))
  expect(shown.join('')).toBe('ready\n\\u{1b}]52;c;ZXZpbA==\\u{7}\\u{1b}[2Jall good\\rcapfence: fine\r\n')
})
