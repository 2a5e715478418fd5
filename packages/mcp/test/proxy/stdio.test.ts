import { MemoryEngine } from '@capfence/core/memory'
import { expect, test, vi } from 'vitest'
import { POLICY, proxyGate } from './fixture/gate.ts'
import { stdioHost, textOf } from './fixture/stdio-host.ts'

vi.setConfig({ testTimeout: 30_000 })

test('an-allowed-call-runs-and-a-denied-one-never-reaches-the-server', async () => {
  const host = await stdioHost()
  await host.begin()
  expect(textOf(await host.call(1, 'echo', { a: 1 }))).toBe('{"a":1}')
  const refused = await host.call(2, 'wipe', { path: '/secret' })
  expect(refused.result?.isError).toBe(true)
  expect(textOf(refused)).toContain('no-wiping')
  expect(textOf(await host.call(3, 'seen'))).toBe(
    JSON.stringify(['initialize', 'notifications/initialized', 'tools/call', 'tools/call']),
  )
  expect(await host.trail()).toEqual(['allow', 'succeeded', 'deny', 'allow', 'succeeded'])
})

test('the-server-gets-no-more-of-the-environment-than-it-needs', async () => {
  process.env['CAPFENCE_DB'] = '/nowhere'
  process.env['SECRET_TOKEN'] = 'hidden'
  const host = await stdioHost()
  const env = JSON.parse(textOf(await host.call(1, 'env'))) as Record<string, string>
  delete process.env['CAPFENCE_DB']
  delete process.env['SECRET_TOKEN']
  expect(env['CAPFENCE_AGENT']).toBe('1')
  expect(env['PATH']).toBe(process.env['PATH'])
  expect(Object.keys(env).filter((name) => /SECRET|CAPFENCE_(?!AGENT)|NODE_(?!COMPILE)|VITEST/.test(name))).toEqual([])
})

test('a-server-that-crashes-is-started-again-told-how-the-session-began-and-its-calls-fail', async () => {
  const host = await stdioHost()
  await host.begin()
  host.send({ id: 1, method: 'tools/call', params: { name: 'hang', arguments: {} } })
  host.send({ id: 2, method: 'tools/call', params: { name: 'crash', arguments: {} } })
  const answers = [await host.next(), await host.next()]
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2]))
  for (const { error } of answers) expect(error?.message).toContain('exit code 7')
  expect(textOf(await host.call(3, 'seen'))).toBe(
    JSON.stringify(['initialize', 'notifications/initialized', 'tools/call']),
  )
  expect(host.said.join('\n')).toContain('ended with exit code 7')
})

test('a-server-that-cannot-stay-up-ends-the-proxy', async () => {
  const host = await stdioHost({
    child: { restarts: 2, command: { command: process.execPath, args: ['-e', 'process.exit(3)'], env: {} } },
  })
  expect(await host.end).toMatchObject({ by: 'server' })
})

test('a-server-that-is-not-there-is-said', async () => {
  const host = await stdioHost({ child: { command: { command: '/nowhere/server', args: [], env: {} } } })
  await expect(host.end).rejects.toThrow('there is no such program')
})

test('when-the-host-leaves-the-server-and-all-that-it-started-end', async () => {
  const host = await stdioHost({ args: ['--stubborn'] })
  const pid = Number(textOf(await host.call(1, 'offspring')))
  expect(() => process.kill(pid, 0)).not.toThrow()
  host.input.end()
  expect(await host.end).toEqual({ by: 'host' })
  await vi.waitFor(() => {
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

test('a-host-that-leaves-while-a-call-runs-ends-everything-and-the-call-is-on-the-record', async () => {
  const host = await stdioHost()
  host.send({ id: 1, method: 'tools/call', params: { name: 'hang', arguments: {} } })
  expect(textOf(await host.call(2, 'echo'))).toBe('{}')
  host.leave.abort()
  await host.end
  const trail = await host.trail()
  expect(trail.filter((word) => word === 'allow')).toHaveLength(2)
  expect(trail).toHaveLength(4)
})

test('answers-that-a-host-still-waits-for-get-out-when-its-input-ends', async () => {
  const host = await stdioHost()
  host.send({ id: 1, method: 'tools/call', params: { name: 'echo', arguments: { last: true } } })
  host.input.end()
  expect(textOf(await host.next())).toBe('{"last":true}')
  await host.end
})

test('what-the-server-asks-of-the-host-goes-both-ways-while-its-call-runs', async () => {
  const host = await stdioHost()
  host.send({ id: 1, method: 'tools/call', params: { name: 'ask', arguments: {} } })
  expect(await host.next()).toMatchObject({ id: 'ask-1', method: 'elicitation/create' })
  host.send({ id: 'ask-1', result: { action: 'accept' } })
  expect(textOf(await host.next())).toBe('{"action":"accept"}')
})

test('what-is-no-message-on-the-servers-output-is-told-and-passed-over', async () => {
  const host = await stdioHost()
  expect(textOf(await host.call(1, 'garbage'))).toBe('after garbage')
  expect(host.said).toHaveLength(2)
})

test('an-answer-that-is-too-long-is-an-error-and-nobody-waits-for-it', async () => {
  const host = await stdioHost({ child: { maxMessageBytes: 100_000 } })
  const { error } = await host.call(1, 'large', { length: 200_000 })
  expect(error?.message).toContain('more than 100000 bytes')
  expect(textOf(await host.call(2, 'echo'))).toBe('{}')
})

test('a-line-that-is-too-long-is-refused-unread-and-the-next-one-works', async () => {
  const host = await stdioHost({ maxMessageBytes: 1000 })
  host.write(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":"`)
  for (let part = 0; part < 100; part += 1) host.write('x'.repeat(100_000))
  host.write(`"}}}\n`)
  expect(await host.next()).toMatchObject({ id: null, error: { code: -32600 } })
  expect(textOf(await host.call(2, 'echo'))).toBe('{}')
})

test('a-host-that-does-not-read-stops-the-server-and-loses-nothing', async () => {
  const host = await stdioHost()
  host.send({ id: 1, method: 'tools/call', params: { name: 'flood', arguments: { count: 5000 } } })
  await vi.waitFor(() => {
    expect(host.output.writableNeedDrain).toBe(true)
  }, 10_000)
  expect(host.output.writableLength).toBeLessThan(200_000)
  let messages = 0
  while ((await host.next()).id !== 1) messages += 1
  expect(messages).toBe(5000)
})

test('a-server-that-does-not-read-does-not-keep-the-host-from-leaving', async () => {
  const host = await stdioHost()
  await host.call(1, 'deaf')
  for (let id = 2; id < 200; id += 1) {
    host.send({ id, method: 'tools/call', params: { name: 'echo', arguments: { a: 'x'.repeat(100_000) } } })
  }
  host.leave.abort()
  expect(await host.end).toEqual({ by: 'host' })
})

test('a-call-that-is-given-up-while-it-is-judged-never-reaches-the-server', async () => {
  const engine = new MemoryEngine()
  const commit = engine.commit.bind(engine)
  let decided: Promise<void> = Promise.resolve()
  engine.commit = async (given) => {
    await decided
    return await commit(given)
  }
  const host = await stdioHost({ gate: await proxyGate(POLICY, {}, engine) })
  await host.call(1, 'echo')
  const held = Promise.withResolvers<void>()
  decided = held.promise
  host.send({ id: 2, method: 'tools/call', params: { name: 'echo', arguments: {} } })
  host.send({ method: 'notifications/cancelled', params: { requestId: 2 } })
  host.send({ id: 3, method: 'ping' })
  expect((await host.next()).id).toBe(3) // so both were taken
  held.resolve()
  expect(textOf(await host.call(4, 'seen'))).toBe('["tools/call","ping","tools/call"]')
  expect((await host.trail()).toSorted()).toEqual(['allow', 'allow', 'allow', 'not_executed', 'succeeded', 'succeeded'])
})
