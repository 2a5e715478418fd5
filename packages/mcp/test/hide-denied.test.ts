import { expect, test } from 'vitest'
import { line, request } from './line.ts'

const named = (...names: string[]): object[] => names.map((name) => ({ name, inputSchema: { type: 'object' } }))

async function shown(options: Parameters<typeof line>[0], ...names: string[]): Promise<unknown> {
  const { ask } = await line(options)
  const told = await ask(request(1, 'tools/list'), { result: { tools: named(...names), nextCursor: 'c', ttlMs: 5 } })
  const { tools, ...rest } = told?.result ?? {}
  expect(rest).toEqual({ nextCursor: 'c', ttlMs: 5 })
  return (tools as { readonly name: string }[] | undefined)?.map(({ name }) => name)
}

const ALL = ['read', 'wipe', 'pay', 'buy', 'other', 'form', 'read.file', '__proto__', '']

test('tools-that-no-arguments-could-be-allowed-for-are-left-out-where-the-host-says-so', async () => {
  expect(await shown({ hideDenied: true }, ...ALL)).toEqual(['read', 'pay', 'buy', 'form'])
  expect(await shown({}, ...ALL)).toEqual(ALL)
})

test('what-the-host-says-of-a-tool-counts', async () => {
  const tools = { other: { capability: 'mcp.files.read' } }
  expect(await shown({ hideDenied: true, tools }, 'other')).toEqual(['other'])
})

test('a-hidden-tool-is-refused-all-the-same', async () => {
  const { ask } = await line({ hideDenied: true })
  const params = { name: 'wipe', arguments: {} }
  expect(await ask(request(1, 'tools/call', params))).toMatchObject({ result: { isError: true } })
})

test('what-is-no-list-of-tools-goes-on-as-it-is', async () => {
  const { ask } = await line({ hideDenied: true })
  for (const [id, answer] of [
    { result: { tools: 'none' } },
    { result: {} },
    { error: { code: -32_601, message: 'no tools' } },
    { result: { tools: [{ description: 'nameless' }, null, 5] } },
  ].entries()) {
    expect(await ask(request(id, 'tools/list'), answer)).toEqual({ jsonrpc: '2.0', id, ...answer })
  }
})

test('a-host-that-cannot-say-who-asks-shows-nothing', async () => {
  const contextOf = (): never => {
    throw new Error('broken')
  }
  const { ask } = await line({ hideDenied: true, contextOf })
  const told = await ask(request(1, 'tools/list'), { result: { tools: named('read') } })
  expect(told).toMatchObject({ id: 1, error: { code: -32_603 } })
})

test('who-asks-is-told-by-what-the-transport-knows', async () => {
  const contextOf = ({ extra }: { readonly extra: unknown }) => ({ actor: String(extra) })
  const { gate, toClient } = await line({ hideDenied: true, contextOf })
  for (const [id, extra] of ['agent', 'bob'].entries()) {
    void gate.fromClient(request(id, 'tools/list'), extra)
    await gate.fromServer({ jsonrpc: '2.0', id, result: { tools: named('own') } })
  }
  expect(toClient.map(({ result }) => result?.['tools'])).toEqual([[], named('own')])
})
