import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { CapFenceError } from '../../src/kernel/errors.ts'
import type { Net, NetRequest } from '../../src/kernel/net.ts'
import { type Machine, machine } from '../../src/kernel/ports.ts'
import type { ApprovalNotice } from '../../src/notify/approval-notice.ts'
import { webhookKey, webhookSignature } from '../../src/notify/webhook-signature.ts'
import { type WebhookOptions, webhookNotifier } from '../../src/notify/webhook.ts'
import { type Hit, type Receiver, answering, receiver } from './receiver.ts'

const KEY = Buffer.alloc(32, 7)
const SECRET = `whsec_${KEY.toString('base64')}`
const NOW = Date.parse('2026-03-01T12:00:00.750Z')

const NOTICE: ApprovalNotice = {
  requestId: 'req-0123456789abcdef0123',
  actor: 'agent:„möbius"',
  capability: 'payments.send.eu',
  rules: ['large-payments', 'new-payees'],
  createdAt: NOW - 1000,
  expiresAt: NOW + 600_000,
}

interface Bench {
  readonly machine: Machine
  /** How long each pause was to last. */
  readonly waits: number[]
  readonly pass: (ms: number) => void
}

// Time stands still but for pauses, which pass at once. The network is real, and so are its timeouts.
function bench(chance = 0): Bench {
  const real = machine()
  let now = NOW
  const waits: number[] = []
  const after = (delayMs: number, task: () => void): (() => void) => {
    waits.push(delayMs)
    now += delayMs
    queueMicrotask(task)
    return () => undefined
  }
  const clock = { ...real.clock, now: () => now, after }
  const ids = { ...real.ids, bytes: (size: number) => new Uint8Array(size).fill(chance) }
  return { machine: { ...real, clock, ids }, waits, pass: (ms) => (now += ms) }
}

function notifierTo({ host, url }: Pick<Receiver, 'host' | 'url'>, options: Partial<WebhookOptions> = {}) {
  return webhookNotifier({ url, secret: SECRET, hosts: [host], machine: bench().machine, ...options })
}

const HTTPS = { host: 'hooks.example.com', url: 'https://hooks.example.com/path-is-private?query-is-private' }

// A network that answers at once, whatever the time: for what must not even be sent.
function counting(status: number): { readonly net: Net; readonly asked: readonly NetRequest[] } {
  const asked: NetRequest[] = []
  const post = (request: NetRequest): Promise<{ status: number }> => {
    asked.push(request)
    return Promise.resolve({ status })
  }
  return { net: { post }, asked }
}

// The receiver's side, written apart from the sender's.
function expectedSignature({ headers, body }: Hit): string {
  const content = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.')
  return `v1,${createHmac('sha256', KEY).update(Buffer.from(content, 'utf8')).digest('base64')}`
}

async function faultOf(work: Promise<void>): Promise<CapFenceError> {
  try {
    await work
  } catch (cause) {
    if (cause instanceof CapFenceError) return cause
    throw cause
  }
  return expect.unreachable()
}

function column(hits: readonly Hit[], header: string): readonly unknown[] {
  return hits.map(({ headers }) => headers[header])
}

describe('a notice', () => {
  test('arrives-signed-so-that-a-receiver-can-verify-it', async () => {
    const there = await receiver(answering(204))
    await notifierTo(there)(NOTICE)
    const [hit, ...more] = there.hits
    if (hit === undefined) expect.unreachable()
    expect(more).toEqual([])
    expect(hit).toMatchObject({ method: 'POST', url: '/hook/path-is-private?token=query-is-private' })
    expect(hit.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': 'msg_req-0123456789abcdef0123',
      'webhook-timestamp': String(Math.floor(NOW / 1000)),
      'webhook-signature': expectedSignature(hit),
    })
  })

  test('tells-what-is-asked-and-nothing-else', async () => {
    const there = await receiver(answering(200))
    const more = { ...NOTICE, args: { iban: 'arguments-are-private' }, digest: 'digest-is-private' }
    await notifierTo(there)(more)
    expect(there.hits[0]?.body).not.toContain('is-private')
    expect(JSON.parse(there.hits[0]?.body ?? '')).toEqual({
      type: 'approval.requested',
      timestamp: '2026-03-01T11:59:59.750Z',
      data: {
        request_id: NOTICE.requestId,
        actor: NOTICE.actor,
        capability: NOTICE.capability,
        rules: NOTICE.rules,
        created_at: '2026-03-01T11:59:59.750Z',
        expires_at: '2026-03-01T12:10:00.750Z',
      },
    })
  })

  test.each(['', 'a.b', 'a\r\nx: y', 'ä', 'a'.repeat(129)])(
    'is-not-sent-under-an-id-that-no-header-can-hold: %j',
    async (id) => {
      const there = await receiver(answering(200))
      const fault = await faultOf(notifierTo(there)({ ...NOTICE, requestId: id }))
      expect(fault.code).toBe('NOTIFY_FAILED')
      expect(there.hits).toEqual([])
    },
  )
})

describe('trying again', () => {
  test('keeps-the-id-and-the-body-and-signs-each-attempt-anew', async () => {
    const there = await receiver(answering(503, 429, 408, 200))
    const here = bench(0xff)
    await notifierTo(there, { machine: here.machine })(NOTICE)
    expect(there.hits).toHaveLength(4)
    expect(new Set(column(there.hits, 'webhook-id')).size).toBe(1)
    expect(new Set(there.hits.map(({ body }) => body)).size).toBe(1)
    expect(column(there.hits, 'webhook-signature')).toEqual(there.hits.map(expectedSignature))
    const start = Math.floor(NOW / 1000)
    expect(column(there.hits, 'webhook-timestamp').map(Number)).toEqual([start, start + 1, start + 2, start + 4])
  })

  test('waits-up-to-twice-as-long-each-time-and-never-over-half-a-minute', async () => {
    const there = await receiver(answering(500))
    const longest = bench(0xff)
    await faultOf(notifierTo(there, { machine: longest.machine, attempts: 9 })(NOTICE))
    expect(longest.waits.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    const shortest = bench(0)
    await faultOf(notifierTo(there, { machine: shortest.machine })(NOTICE))
    expect(shortest.waits).toEqual([0, 0, 0, 0])
  })

  test('ends-with-the-last-attempt', async () => {
    const there = await receiver(answering(502))
    const fault = await faultOf(notifierTo(there, { attempts: 3 })(NOTICE))
    expect(fault.code).toBe('NOTIFY_FAILED')
    expect(fault.message).toContain('502')
    expect(there.hits).toHaveLength(3)
  })

  test.each([300, 301, 304, 400, 401, 404, 410, 422])('does-not-follow-a-final-answer: %i', async (status) => {
    const there = await receiver(answering(status))
    const fault = await faultOf(notifierTo(there)(NOTICE))
    expect(fault.code).toBe('NOTIFY_FAILED')
    expect(fault.message).toContain(`status ${String(status)}`)
    expect(there.hits).toHaveLength(1)
  })

  test('follows-a-broken-connection', async () => {
    const there = await receiver((response, hit) => {
      if (hit === 1) response.destroy()
      else response.writeHead(200).end()
    })
    await notifierTo(there)(NOTICE)
    expect(new Set(column(there.hits, 'webhook-id')).size).toBe(1)
    expect(there.hits).toHaveLength(2)
  })

  test('does-not-follow-a-redirect-anywhere', async () => {
    const elsewhere = await receiver(answering(200))
    for (const status of [301, 302, 303, 307, 308]) {
      const there = await receiver((response) => response.writeHead(status, { location: elsewhere.url }).end())
      const fault = await faultOf(notifierTo(there, { hosts: [there.host, elsewhere.host] })(NOTICE))
      expect(fault.code).toBe('NOTIFY_FAILED')
      expect(there.hits).toHaveLength(1)
    }
    expect(elsewhere.hits).toEqual([])
  })
})

describe('time', () => {
  test('ends-an-attempt-that-gets-no-answer', async () => {
    const there = await receiver(() => undefined)
    const fault = await faultOf(notifierTo(there, { attempts: 2, timeoutMs: 250 })(NOTICE))
    expect(fault.code).toBe('NOTIFY_FAILED')
    expect(fault.message).toContain('ETIMEDOUT')
    expect(there.hits).toHaveLength(2)
  })

  test('is-not-spent-on-a-body-without-an-end', async () => {
    let closed: Promise<unknown> = Promise.resolve('never asked')
    const there = await receiver((response) => {
      closed = new Promise((resolve) => response.once('close', () => resolve('closed')))
      response.writeHead(200)
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', pour)
      pour()
    })
    await notifierTo(there, { attempts: 1 })(NOTICE)
    expect(await closed).toBe('closed')
  })

  test('ends-when-the-request-expires', async () => {
    const there = await receiver(answering(503))
    const here = bench(0xff)
    const notice = { ...NOTICE, expiresAt: NOW + 3400 }
    const fault = await faultOf(notifierTo(there, { machine: here.machine, attempts: 20 })(notice))
    expect(fault.code).toBe('NOTIFY_FAILED')
    expect(fault.message).toContain('503')
    // 0.5 s and 1 s were waited; another 2 s would have been too long.
    expect(there.hits).toHaveLength(3)
    expect(here.waits).toHaveLength(2)
  })

  test('is-looked-at-again-after-a-pause-that-took-too-long', async () => {
    const { machine: ports, pass } = bench()
    const after: Machine['clock']['after'] = (delayMs, task) => {
      pass(600_000)
      return ports.clock.after(delayMs, task)
    }
    const there = counting(503)
    const slow = { ...ports, clock: { ...ports.clock, after }, net: there.net }
    expect((await faultOf(notifierTo(HTTPS, { machine: slow })(NOTICE))).code).toBe('NOTIFY_FAILED')
    expect(there.asked).toHaveLength(1)
  })

  test.each([
    ['of-a-request-that-expires-now', NOW, NOW],
    ['of-a-request-that-expired', NOW, NOW - 1],
    ['by-a-clock-that-tells-no-time', Number.NaN, NOW],
  ])('sends-nothing-%s', async (_when, now, expiresAt) => {
    const { machine: ports } = bench()
    const there = counting(200)
    const odd = { ...ports, clock: { ...ports.clock, now: () => now }, net: there.net }
    expect((await faultOf(notifierTo(HTTPS, { machine: odd })({ ...NOTICE, expiresAt }))).code).toBe('NOTIFY_FAILED')
    expect(there.asked).toEqual([])
  })

  test('of-an-attempt-never-reaches-beyond-the-expiry', async () => {
    const there = counting(200)
    const tell = notifierTo(HTTPS, { machine: { ...bench().machine, net: there.net } })
    await tell({ ...NOTICE, expiresAt: NOW + 1200.5 })
    await tell(NOTICE)
    expect(there.asked.map(({ timeoutMs }) => timeoutMs)).toEqual([1201, 5000])
  })
})

describe('a fault', () => {
  test('names-host-and-status-and-no-secret', async () => {
    const there = await receiver(answering(403))
    const fault = await faultOf(notifierTo(there)(NOTICE))
    expect(fault.message).toContain(there.host)
    expect(fault.message).toContain('403')
    expectDiscreet(fault)
  })

  test('tells-nothing-that-the-network-said-but-its-code', async () => {
    const post = (request: NetRequest): Promise<never> => {
      const cause = Object.assign(new Error(inspect(request)), { code: 'ECONNREFUSED' })
      return Promise.reject(new TypeError(`cannot fetch ${request.url}`, { cause }))
    }
    const ports = { ...bench().machine, net: { post } }
    const fault = await faultOf(notifierTo(HTTPS, { machine: ports })(NOTICE))
    expect(fault.message).toContain('ECONNREFUSED')
    expectDiscreet(fault)
  })

  test('of-a-closed-port-has-the-systems-code', async () => {
    const fault = await faultOf(notifierTo({ host: '127.0.0.1:2', url: 'http://127.0.0.1:2/' })(NOTICE))
    expect(fault.code).toBe('NOTIFY_FAILED')
    expect(fault.message).toContain('ECONNREFUSED')
  })
})

function expectDiscreet(fault: Error): void {
  const all = inspect(fault, { depth: Infinity, showHidden: true })
  for (const hidden of ['is-private', SECRET, SECRET.slice(6), KEY.toString('hex'), 'v1,'])
    expect(all).not.toContain(hidden)
}

describe('the options', () => {
  const given = (options: Partial<WebhookOptions>): (() => unknown) => {
    const url = 'https://hooks.example.com/x'
    return () => webhookNotifier({ url, secret: SECRET, hosts: ['hooks.example.com'], ...options })
  }

  test.each<[string, string]>([
    ['https://hooks.example.com/x', 'hooks.example.com'],
    ['https://HOOKS.Example.com:443/x', 'hooks.example.com'],
    ['https://hooks.example.com/x', 'HOOKS.example.COM:443'],
    ['https://hooks.example.com:8443/x', 'hooks.example.com:8443'],
    ['https://bücher.example/x', 'xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example/x', 'BÜCHER.example'],
    ['https://hooks。example。com/x', 'hooks.example.com'],
    ['http://127.0.0.1:8080/x', '127.0.0.1:8080'],
    ['http://127.0.0.1/x', '127.0.0.1:80'],
    ['http://[::1]:8080/x', '[::1]:8080'],
    ['http://[0:0:0:0:0:0:0:1]/x', '[::1]'],
    ['http://localhost:8080/x', 'localhost:8080'],
    ['http://LOCALHOST/x', 'localhost'],
  ])('take-a-host-that-is-in-the-list: %s', (url, host) => {
    expect(given({ url, hosts: ['other.example', host] })).not.toThrow()
  })

  test.each<[string, string]>([
    ['https://evil.example/x', 'hooks.example.com'],
    ['https://sub.hooks.example.com/x', 'hooks.example.com'],
    ['https://example.com/x', 'hooks.example.com'],
    ['https://hooks.example.com.evil.example/x', 'hooks.example.com'],
    ['https://hooks.example.com./x', 'hooks.example.com'],
    ['https://hooks.example.com:8443/x', 'hooks.example.com'],
    ['https://hooks.example.com/x', 'hooks.example.com:8443'],
    ['https://hooks.example.com:80/x', 'hooks.example.com'],
    ['https://hооks.example.com/x', 'hooks.example.com'], // Cyrillic
    ['https://hooks.example.com\\@evil.example/x', 'evil.example'],
    ['https://hooks.example.com@evil.example/x', 'hooks.example.com'],
    ['https://user@hooks.example.com/x', 'hooks.example.com'],
    ['https://:word@hooks.example.com/x', 'hooks.example.com'],
    ['https://hooks.example.com/x#part', 'hooks.example.com'],
    ['https://hooks.example.com/x#', 'hooks.example.com'],
    ['http://hooks.example.com/x', 'hooks.example.com'],
    ['http://127.0.0.2/x', '127.0.0.2'],
    ['http://0.0.0.0/x', '0.0.0.0'],
    ['http://[::ffff:127.0.0.1]/x', '[::ffff:127.0.0.1]'],
    ['http://localhost.evil.example/x', 'localhost.evil.example'],
    ['http://localhost./x', 'localhost'],
    ['ftp://hooks.example.com/x', 'hooks.example.com'],
    ['file:///etc/passwd', 'hooks.example.com'],
    ['data:,x', 'hooks.example.com'],
    ['hooks.example.com/x', 'hooks.example.com'],
    ['', 'hooks.example.com'],
  ])('refuse-a-url: %s', (url, host) => {
    expect(given({ url, hosts: [host] })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test.each([
    '*',
    '*.example.com',
    'hooks.*',
    'hooks.example.com.',
    'hooks.example.com.:443',
    'https://hooks.example.com',
    'hooks.example.com/x',
    'user@hooks.example.com',
    'hooks.example.com#',
    'hooks.example.com?',
    'hooks%2eexample.com',
    'hooks.example.com:port',
    ' hooks.example.com',
    'hooks.\texample.com',
    '',
  ])('refuse-an-entry-of-the-list-even-beside-a-good-one: %j', (entry) => {
    expect(given({ hosts: ['hooks.example.com', entry] })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('refuse-an-empty-list', () => {
    expect(given({ hosts: [] })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test.each<[string, Partial<WebhookOptions>]>([
    ['no attempt', { attempts: 0 }],
    ['part of an attempt', { attempts: 1.5 }],
    ['attempts without an end', { attempts: Infinity }],
    ['no time', { timeoutMs: 0 }],
    ['a time that is none', { timeoutMs: Number.NaN }],
    ['more time than a minute', { timeoutMs: 60_001 }],
    ['a secret without its prefix', { secret: KEY.toString('base64') }],
    ['a secret without its padding', { secret: SECRET.replaceAll('=', '') }],
    ['a private key', { secret: SECRET.replace('whsec_', 'whsk_') }],
    ['a short secret', { secret: new Uint8Array(23) }],
    ['a long secret', { secret: new Uint8Array(65) }],
    ['an empty secret', { secret: 'whsec_' }],
  ])('refuse-%s', (_what, options) => {
    expect(given(options)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  test('are-not-quoted-where-they-are-secret', () => {
    const thrown = (options: Partial<WebhookOptions>): string => {
      try {
        given(options)()
      } catch (cause) {
        return inspect(cause, { depth: Infinity, showHidden: true })
      }
      return expect.unreachable()
    }
    expect(thrown({ secret: 'whsec_is-private' })).not.toContain('is-private')
    const rest = '/path-is-private?is-private'
    expect(thrown({ hosts: [`https://hooks.example.com${rest}`] })).not.toContain('is-private')
    for (const url of [`https://a b${rest}`, `https://evil.example${rest}`, `http://evil.example${rest}`]) {
      expect(thrown({ url })).not.toContain('is-private')
    }
  })
})

describe('a signature', () => {
  test('is-that-of-the-reference-implementations', () => {
    const key = webhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
    const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' }
    expect(webhookSignature(key, content)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })

  test('is-by-the-secret-as-it-was-when-it-was-given', async () => {
    const there = await receiver(answering(200))
    const secret = Uint8Array.from(KEY)
    const tell = notifierTo(there, { secret })
    secret.fill(0)
    await tell(NOTICE)
    expect(column(there.hits, 'webhook-signature')).toEqual(there.hits.map(expectedSignature))
  })
})
