import dns from 'node:dns'
import { connect, createServer } from 'node:net'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { describe, expect, test } from 'vitest'
import { guardedLookup } from '../../src/facts/url/guarded-lookup.ts'
import { readUrl } from '../../src/facts/url/read-url.ts'

const classOf = (text: string): string => {
  const facts = readUrl(text)
  return facts.kind === 'url' ? facts.hostClass : 'opaque'
}

describe('a URL', () => {
  test('is-read-as-whatwg-serialises-it', () => {
    expect(readUrl('HTTPS://Docs.Example.COM.:443/a/%2e%2e/b?q#f')).toEqual({
      kind: 'url',
      href: 'https://docs.example.com./b?q#f',
      scheme: 'https',
      host: 'docs.example.com',
      hostClass: 'public',
      port: 443,
    })
    expect(readUrl('http://a.example.org:8080')).toMatchObject({ port: 8080, scheme: 'http' })
    expect(readUrl('custom://a.example.org')).toMatchObject({ port: undefined })
    expect(readUrl('file:///etc/passwd')).toMatchObject({ scheme: 'file', host: '', hostClass: 'loopback' })
  })

  test.each([
    ['https://8.8.8.8/', 'public'],
    ['https://[2606:4700::1111]/', 'public'],
    ['http://10.1.2.3/', 'private'],
    ['http://192.168.0.1/', 'private'],
    ['http://172.31.255.255/', 'private'],
    ['http://100.64.0.1/', 'private'],
    ['http://[fd12::1]/', 'private'],
    ['http://db.internal/', 'private'],
    ['http://printer.local/', 'private'],
    ['http://127.0.0.1/', 'loopback'],
    ['http://127.1/', 'loopback'],
    ['http://2130706433/', 'loopback'],
    ['http://0x7f.0.0.1/', 'loopback'],
    ['http://0177.0.0.1/', 'loopback'],
    ['http://0/', 'loopback'],
    ['http://0.0.0.0:22/', 'loopback'],
    ['http://[::]/', 'loopback'],
    ['http://[::1]/', 'loopback'],
    ['http://[::ffff:127.0.0.1]/', 'loopback'],
    ['http://[64:ff9b::7f00:1]/', 'loopback'],
    ['http://[2002:7f00:1::]/', 'loopback'],
    ['http://localhost./', 'loopback'],
    ['http://a.localhost/', 'loopback'],
    ['http://169.254.1.1/', 'link-local'],
    ['http://[fe80::1]/', 'link-local'],
    ['http://169.254.169.254/latest/meta-data', 'metadata'],
    ['http://[::ffff:a9fe:a9fe]/', 'metadata'],
    ['http://2852039166/', 'metadata'],
    ['http://metadata.google.internal./', 'metadata'],
    ['http://[fd00:ec2::254]/', 'metadata'],
    ['http://100.100.100.200/', 'metadata'],
    ['http://224.0.0.1/', 'special'],
    ['http://255.255.255.255/', 'special'],
    ['http://x.onion/', 'special'],
    ['http://x.test/', 'special'],
    ['http://intranet/', 'single-label'],
  ])('has-the-class-of-where-it-leads: %s', (text, hostClass) => {
    expect(classOf(text)).toBe(hostClass)
  })

  test.each([
    '',
    'example.com',
    '/relative',
    'http:example.com',
    'http:/example.com',
    'http:\\\\example.com',
    'https://good.example.org\\@evil.org/',
    'https://good.example.org@evil.org/',
    'https://user:pw@example.org/',
    'https://exa mple.org/',
    'https://exa\tmple.org/',
    ' https://example.org/',
    'https://example.org/\n',
    'https://ｅxample.org/',
    'https://example。org/',
    'https://loc%61lhost/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:127.0.0.1]x/',
    'ssh://0x7f.1/',
    'ssh://2130706433/',
    'ssh://a..b/',
    'http://256.1.1.1/',
    'http://1.2.3/../..//\\x',
    'javascript:alert(1)',
    'data:text/plain,x',
    'mailto:a@example.org',
    `https://example.org/${'x'.repeat(9000)}`,
  ])('is-opaque-where-two-clients-could-read-it-in-two-ways: %j', (text) => {
    expect(classOf(text)).toBe('opaque')
  })

  test('law: every-spelling-of-a-loopback-address-is-loopback', () => {
    const spelled = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(3)).map(([b, c, d, how]) => {
      const number = ((127 * 256 + b) * 256 + c) * 256 + d
      if (how === 0) return String(number)
      if (how === 1) return `0x${number.toString(16)}`
      return how === 2
        ? `0177.${String(b)}.${String(c * 256 + d)}`
        : `[::ffff:127.${String(b)}.${String(c)}.${String(d)}]`
    })
    fc.assert(fc.property(spelled, (host) => classOf(`http://${host}/`) === 'loopback'))
  })
})

describe('a guarded lookup', () => {
  test('refuses-a-name-that-leads-to-another-class-when-the-connection-is-made', async () => {
    const server = createServer((socket) => socket.end('reached'))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const attempt = (classes: readonly ['public'] | readonly ['loopback']): Promise<string> =>
      new Promise((done) => {
        const socket = connect({ host: 'localhost', port, lookup: guardedLookup(dns.lookup, classes) as never })
        socket.on('data', (bytes) => {
          done(bytes.toString())
        })
        socket.on('error', (error: NodeJS.ErrnoException) => {
          done(error.code ?? error.name)
        })
      })
    expect(await attempt(['public'])).toBe('CONNECT_REFUSED')
    expect(await attempt(['loopback'])).toBe('reached')
    await new Promise((done) => server.close(done))
  })

  test('refuses-where-one-of-several-addresses-is-of-another-class', () => {
    const lookup = (_name: string, _options: object, done: (error: null, found: object[]) => void): void => {
      done(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ])
    }
    const answers: unknown[] = []
    guardedLookup(lookup, ['public'])('rebound.example.org', { all: true }, (error) => answers.push(error))
    expect(answers).toMatchObject([{ code: 'CONNECT_REFUSED' }])
  })
})

describe('what begins with no digit and has no colon', () => {
  test('is-no-address-in-any-form', () => {
    const rest = fc.string({ unit: fc.constantFrom(...'0123456789abcdefxX.%[]'.split('')), maxLength: 24 })
    fc.assert(
      fc.property(fc.constantFrom(...'abcdefxX.%[-_'.split('')), rest, (first, more) => {
        expect(ipaddr.isValid(`${first}${more}`)).toBe(false)
      }),
    )
  })
})
