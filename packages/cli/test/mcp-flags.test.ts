import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { ListenFlags, ServerFlags } from '../src/mcp/flags.ts'
import { listening } from '../src/mcp/listening.ts'
import { upstream } from '../src/mcp/upstream.ts'
import { temporaryFolder } from './command.ts'

type Flags = ServerFlags & ListenFlags

const flags = (more: Partial<Flags>): Flags => ({ command: [], ...more })
const read = (given: Flags): unknown => [listening(given), upstream(given, { maxMessageBytes: 1 })]

afterEach(() => {
  delete process.env['TEST_TOKEN']
})

test.each([
  [{ command: ['x'] }, "option '--server' is missing"],
  [{ command: ['x'], server: 'S!' }, '`--server` takes a name of a-z'],
  [{}, 'name exactly one of `--upstream URL` and a command'],
  [{ command: ['x'], upstream: 'http://h/' }, 'name exactly one of'],
  [{ upstream: 'ftp://h/' }, 'begins with http:// or https://'],
  [{ upstream: 'https://u:p@h/' }, '`--upstream` takes no password'],
  [{ upstream: 'https://h/', env: ['A'] }, 'go with a command'],
  [{ command: ['x'], server: 's', env: ['CAPFENCE_DB=x'] }, "variables of CapFence's own"],
  [{ command: ['x'], server: 's', env: ['capfence_key_file=x'] }, "variables of CapFence's own"],
  [{ command: ['x'], server: 's', env: ['NOT_THERE_1'] }, 'there is no such variable here'],
  [{ command: ['x'], server: 's', env: ['a b=c'] }, '`--env` takes NAME or NAME=VALUE'],
  [{ command: ['x'], server: 's', upstreamTokenEnv: 'PATH' }, 'go with `--upstream`'],
  [{ command: ['x'], server: 's', listen: '0.0.0.0:1' }, 'can be reached from elsewhere'],
  [{ command: ['x'], server: 's', listen: '[::]:1' }, 'can be reached from elsewhere'],
  [{ command: ['x'], server: 's', listen: 'box.example:1' }, 'can be reached from elsewhere'],
  [{ command: ['x'], server: 's', listen: '8808' }, '`--listen` takes HOST:PORT'],
  [{ command: ['x'], server: 's', listen: '127.0.0.1:70000' }, '`--listen` takes HOST:PORT'],
  [{ command: ['x'], server: 's', tokenFile: 'x' }, '`--token-file` goes with `--listen`'],
  [{ command: ['x'], server: 's', allowOrigin: ['https://a'] }, '`--allow-origin` goes with `--listen`'],
  [{ command: ['x'], server: 's', listen: '127.0.0.1:1', allowOrigin: ['https://a/b'] }, 'takes an origin'],
  [{ command: ['x'], server: 's', listen: '127.0.0.1:1', allowOrigin: ['*'] }, 'takes an origin'],
  [{ command: ['x'], server: 's', listen: '127.0.0.1:1', tokenFile: '/nowhere/x' }, 'cannot read `/nowhere/x`'],
  [{ command: ['x'], server: 's', listen: '127.0.0.1:1', forwardAuthorization: true }, 'goes with `--upstream`'],
  [{ upstream: 'https://h/', upstreamTokenEnv: 'NOT_THERE_1' }, 'is not set, or empty'],
  [{ upstream: 'http://h/', upstreamTokenEnv: 'TEST_TOKEN' }, 'in the clear'],
  [{ upstream: 'https://h/', upstreamHeaderEnv: ['x y=TEST_TOKEN'] }, 'takes HEADER=VARIABLE'],
  [
    { upstream: 'https://h/', listen: '127.0.0.1:1', forwardAuthorization: true, upstreamTokenEnv: 'TEST_TOKEN' },
    'are the same header',
  ],
  [
    { upstream: 'https://h/', listen: '127.0.0.1:1', forwardAuthorization: true, tokenEnv: 'TEST_TOKEN' },
    'are the same header',
  ],
  [
    {
      upstream: 'https://h/',
      listen: '127.0.0.1:1',
      forwardAuthorization: true,
      upstreamHeaderEnv: ['Authorization=TEST_TOKEN'],
    },
    'are the same header',
  ],
  [{ upstream: 'http://h/', listen: '127.0.0.1:1', forwardAuthorization: true }, 'in the clear'],
] as const)('says-what-is-wrong: %j', (given, message) => {
  process.env['TEST_TOKEN'] = 'secret-token'
  const reading = (): unknown => read(flags(given))
  expect(reading).toThrow(message)
  expect(reading).not.toThrow('secret-token')
})

test('a-token-file-has-a-token-a-line-and-an-empty-one-lets-nobody-in-by-mistake', () => {
  const folder = temporaryFolder()
  const file = (text: string): string => {
    const path = join(folder, 'tokens')
    writeFileSync(path, text)
    return path
  }
  const tokensOf = (text: string): unknown =>
    listening(flags({ upstream: 'http://h/', listen: '0.0.0.0:1', tokenFile: file(text) }))?.access.tokens
  expect(tokensOf('one\n\n two \r\n')).toEqual(['one', 'two'])
  expect(() => tokensOf('\n \n')).toThrow('there is no token in')
  expect(() => tokensOf('one two\n')).toThrow('is no token')
})

test.each([
  ['https://mcp.example.com/x', 'mcp-example-com'],
  ['http://127.0.0.1:3000/mcp', '127-0-0-1'],
  ['http://[::1]:3000/mcp', '1'],
])('a-server-without-a-name-is-known-by-its-host: %s', (address, name) => {
  expect(upstream(flags({ upstream: address }), { maxMessageBytes: 1 }).name).toBe(name)
})
