import { Readable } from 'node:stream'
import { agentEnvironment } from '@capfence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Line, linesOf } from '../../src/proxy/lines.ts'
import { bodyHeaders, disagreement, strayParameter } from '../../src/proxy/mcp-headers.ts'
import { openAnswers } from '../../src/proxy/open-answers.ts'
import { paramHeaders } from '../../src/proxy/param-headers.ts'
import { type ServerEvent, eventsOf } from '../../src/proxy/sse.ts'

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = []
  for await (const value of values) found.push(value)
  return found
}

const inParts = (bytes: Uint8Array, sizes: readonly number[]): Readable => {
  const parts: Uint8Array[] = []
  let from = 0
  for (const size of sizes) parts.push(bytes.subarray(from, (from += size)))
  return Readable.from([...parts, bytes.subarray(from)].filter(({ length }) => length > 0))
}

const lines = (text: string | Uint8Array, maxBytes = 20): Promise<Line[]> =>
  all(linesOf(inParts(Buffer.from(text), [3, 1, 7]), maxBytes))

test('lines-are-the-same-however-the-bytes-come', async () => {
  const text = fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }).filter((line) => !/[\n\r]/.test(line)))
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(9)), async (wanted, sizes) => {
      const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(''))
      const found = await all(linesOf(inParts(bytes, sizes), 1000))
      expect(found).toEqual(wanted.map((line) => ({ text: line })))
    }),
  )
})

test('a-line-that-is-too-long-or-no-text-is-passed-over-and-the-next-one-is-whole', async () => {
  const long = 'x'.repeat(21)
  expect(await lines(`${long}\nnext\n`)).toEqual([{ problem: 'too_long' }, { text: 'next' }])
  expect(await lines(`${'x'.repeat(20)}\nnext\n`)).toEqual([{ text: 'x'.repeat(20) }, { text: 'next' }])
  expect(await lines(Buffer.from([0xff, 0x0a, 0x61, 0x0a]))).toEqual([{ problem: 'not_utf8' }, { text: 'a' }])
  expect(await lines('a\r\n\nb\nhalf a line')).toEqual([{ text: 'a' }, { text: '' }, { text: 'b' }])
})

const events = (text: string, maxBytes = 1000): Promise<ServerEvent[]> =>
  all(eventsOf(Readable.from([Buffer.from(text)]), maxBytes))

test('events-are-read-as-the-standard-has-it', async () => {
  expect(
    await events('id: 1\nretry: 50\ndata:\n\n: a comment\ndata: {"a":\ndata: 1}\n\nevent: x\n\ndata: cut off'),
  ).toEqual([
    { id: '1', data: '', retryMs: 50 },
    { id: undefined, data: '{"a":\n1}', retryMs: undefined },
  ])
  expect(await events('data: a\r\rdata: b\r\n\r\n')).toMatchObject([{ data: 'a' }, { data: 'b' }])
  await expect(events(`data: ${'x'.repeat(2000)}\n\n`)).rejects.toThrow('too long')
  await expect(events('data: xxxxxxxx\n'.repeat(200))).rejects.toThrow('too long')
})

test('a-server-gets-what-it-needs-and-what-is-handed-on-and-nothing-of-capfences-own', () => {
  const own = { PATH: '/bin', HOME: '/home/a', LC_ALL: 'C', SECRET: 's', CAPFENCE_DB: 'x', capfence_key_file: 'y' }
  const handed = [
    { name: 'SECRET' },
    { name: 'B', value: '' },
    { name: 'CAPFENCE_DB' },
    { name: 'CAPFENCE_AGENT', value: '0' },
  ]
  expect(agentEnvironment(own, [])).toEqual({ PATH: '/bin', HOME: '/home/a', LC_ALL: 'C', CAPFENCE_AGENT: '1' })
  expect(agentEnvironment(own, handed)).toEqual({
    PATH: '/bin',
    HOME: '/home/a',
    LC_ALL: 'C',
    SECRET: 's',
    B: '',
    CAPFENCE_AGENT: '1',
  })
  expect(agentEnvironment({ Path: 'C:\\', SystemRoot: 'C:\\W', Secret: 's' }, [], true)).toEqual({
    Path: 'C:\\',
    SystemRoot: 'C:\\W',
    CAPFENCE_AGENT: '1',
  })
})

const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
const call = (name: string, args: object = {}): Record<string, unknown> => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args, _meta: META },
})

test('headers-made-from-a-body-agree-with-it-whatever-its-texts-are', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff)), (units) => {
      const name = String.fromCharCode(...units)
      const headers = bodyHeaders(call(name))
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/)
      if (name.isWellFormed()) expect(disagreement((header) => headers[header], call(name))).toBeUndefined()
    }),
  )
})

test('arguments-that-a-server-wants-in-headers-are-put-there-from-what-was-judged', () => {
  const params = paramHeaders()
  const inputSchema = {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      deep: { type: 'object', properties: { flag: { type: 'boolean', 'x-mcp-header': 'Flag' } } },
      evil: { type: 'string', 'x-mcp-header': 'a\r\nb' },
    },
  }
  params.note({ jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'deploy', inputSchema }, 5, { name: 'other' }] } })
  expect(params.of(call('deploy', { region: 'österreich', deep: { flag: true }, evil: 'x' }))).toEqual({
    'mcp-param-region': '=?base64?w7ZzdGVycmVpY2g=?=',
    'mcp-param-flag': 'true',
  })
  expect(params.of(call('deploy', { region: null }))).toEqual({})
  expect(params.of(call('other', { region: 'x' }))).toEqual({})
  expect(strayParameter([['mcp-param-region', 'x']], call('deploy', { region: 'x' }))).toBeUndefined()
  expect(strayParameter([['mcp-param-n', '42.0']], call('deploy', { n: 42 }))).toBeUndefined()
  expect(strayParameter([['mcp-param-region', 'y']], call('deploy', { region: 'x' }))).toBe('mcp-param-region')
})

test('a-client-cannot-have-more-open-than-fits', async () => {
  const open = openAnswers()
  for (let id = 0; id < 1024; id += 1) expect(open.begin(id, 1)).toBe(true)
  expect(open.begin('one more', 1)).toBe(false)
  for (let id = 0; id < 1024; id += 1) open.end(id)
  await open.settled()
  expect(open.begin(1, 65 << 20)).toBe(false)
  expect(open.begin(1, 60 << 20)).toBe(true)
  expect(open.begin(2, 5 << 20)).toBe(false)
})
