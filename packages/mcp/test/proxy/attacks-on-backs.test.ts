import { type ServerResponse, createServer } from 'node:http'
import { agentEnvironment } from '@capfence/core'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Message } from '../../src/proxy/back.ts'
import { childBack } from '../../src/proxy/child-back.ts'
import { handshake } from '../../src/proxy/handshake.ts'
import { httpBack } from '../../src/proxy/http-back.ts'
import { beginLife } from '../../src/proxy/life.ts'
import { listening } from './fixture/sdk-http.ts'
import { RAW_SERVER } from './fixture/stdio-host.ts'

vi.setConfig({ testTimeout: 30_000 })

const call = (id: number | string, name: string): Message => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: {} },
})
const cancelled = (requestId: number | string): Message => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId },
})
const command = { command: process.execPath, args: [RAW_SERVER], env: agentEnvironment(process.env), graceMs: 500 }

test('what-was-given-up-is-not-kept-of-a-server-that-never-answers-it', async () => {
  const heard: Message[] = []
  const back = await childBack({ command, maxMessageBytes: 8 << 20, backoffMs: 1 })({
    message: (message) => Promise.resolve(void heard.push(message)),
    say: () => undefined,
    closed: () => undefined,
  })
  onTestFinished(back.close)
  await back.send(call(1, 'hang'))
  await back.send(cancelled(1))
  await back.send(call(2, 'crash'))
  await vi.waitFor(() => {
    expect(heard.map(({ method }) => method)).toContain('notifications/tools/list_changed')
  }, 10_000)
  expect(heard.map(({ id }) => id)).toEqual([2, undefined])
})

test('an-answer-to-the-proxy-itself-is-taken-once-and-no-client-can-name-it', async () => {
  const began = handshake()
  began.note({ jsonrpc: '2.0', id: 0, method: 'initialize', params: {} })
  const [first, second] = [began.replay(), began.replay()]
  expect(first?.id).not.toBe(second?.id)
  expect(String(first?.id).length).toBeGreaterThan(40)

  const heard: Message[] = []
  const receive = (message: Message): Promise<void> => Promise.resolve(void heard.push(message))
  const life = await beginLife({ command, maxMessageBytes: 1 << 20, receive, say: () => undefined })
  onTestFinished(life.child.stop)
  const own = life.answerTo('own')
  await life.child.writer.write({ jsonrpc: '2.0', id: 'own', method: 'ping' })
  await own
  await life.child.writer.write({ jsonrpc: '2.0', id: 'own', method: 'ping' })
  await vi.waitFor(() => {
    expect(heard).toMatchObject([{ id: 'own' }])
  }, 10_000)
})

test('a-server-over-http-that-never-answers-what-was-given-up-is-not-waited-for', async () => {
  const open = new Set<ServerResponse>()
  const { url, close } = await listening(
    createServer((request, response) => {
      let text = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      request.on('end', () => {
        const { id } = JSON.parse(text) as Message
        if (id === undefined) return void response.writeHead(202).end()
        open.add(response)
        response.once('close', () => open.delete(response))
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
        return undefined
      })
    }),
  )
  onTestFinished(close)
  const heard: Message[] = []
  const back = await httpBack({ url, headers: {}, maxMessageBytes: 10_000 })({
    message: (message) => Promise.resolve(void heard.push(message)),
    say: () => undefined,
    closed: () => undefined,
  })
  onTestFinished(back.close)
  for (let id = 0; id < 300; id += 1) {
    await back.send(call(id, 'hang'))
    await back.send(cancelled(id))
  }
  await vi.waitFor(() => {
    expect(open.size).toBe(0)
  }, 10_000)
  expect(heard).toEqual([])
})
