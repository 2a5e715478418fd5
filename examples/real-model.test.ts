// What the stories do with a real model, with a server on this machine in its place.
import { spawn } from 'node:child_process'
import { type IncomingHttpHeaders, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'

interface Asked {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
}

interface Called {
  readonly tool: string
  readonly args: object
}

type Api = (calls: readonly Called[], turn: number) => object

/** A model that makes the calls of one turn after the other, and then is done. */
async function model(api: Api, ...turns: readonly (readonly Called[])[]) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ path: request.url, headers: request.headers, body: JSON.parse(body) as Asked['body'] })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(api(turns[asked.length - 1] ?? [], asked.length)))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  return { asked, url: `http://127.0.0.1:${String(port)}` }
}

const chatCompletions: Api = (calls, turn) => {
  const toolCalls = calls.map(({ tool, args }, index) => ({
    id: `call-${String(turn)}-${String(index)}`,
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(args) },
  }))
  const message = { role: 'assistant', content: calls.length === 0 ? 'all done' : null, refusal: null }
  const choice = calls.length === 0 ? { message } : { message: { ...message, tool_calls: toolCalls } }
  const finish = calls.length === 0 ? 'stop' : 'tool_calls'
  return {
    id: 'x',
    object: 'chat.completion',
    created: 0,
    model: 'x',
    choices: [{ index: 0, finish_reason: finish, ...choice }],
  }
}

const gateway: Api = (calls, turn) => ({
  content: calls.map(({ tool, args }, index) => {
    const toolCallId = `call-${String(turn)}-${String(index)}`
    return { type: 'tool-call', toolCallId, toolName: tool, input: JSON.stringify(args) }
  }),
  finishReason: { unified: calls.length === 0 ? 'stop' : 'tool-calls' },
  usage: { inputTokens: {}, outputTokens: {} },
  warnings: [],
})

// Whatever host is asked for, this machine answers: no test leaves it.
const STAY_HERE = `data:text/javascript,${encodeURIComponent(`
  const out = globalThis.fetch
  globalThis.fetch = (to, init) => out(new URL(new URL(to.url ?? to).pathname, process.env.STAND_IN), init)
`)}`

async function play(story: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const demo = join(import.meta.dirname, story, 'demo.ts')
  const child = spawn(process.execPath, ['--conditions=@capfence/source', '--import', STAY_HERE, demo, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  const status = new Promise<number | null>((ended) => child.once('close', ended))
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await status, output, complaints }
}

const read = (bill: string): Called => ({ tool: 'read_bill', args: { bill } })
const pay = (to: string, amount: number): Called => ({ tool: 'pay', args: { to, amount } })
const refund = (order: string, amount: number): Called => ({ tool: 'refund', args: { order, amount } })

test('the-clerk-works-with-the-key-and-pays-no-more-than-it-may', { timeout: 60_000 }, async () => {
  const remove = { tool: 'delete_bill', args: { bill: 'acme' } }
  const work = [pay('ACME Ltd', 120), pay('Globex', 5000), remove]
  const { asked, url } = await model(chatCompletions, [read('acme'), read('globex')], work)
  const key = { OPENAI_API_KEY: 'a-key', OPENAI_BASE_URL: `${url}/v1`, STAND_IN: url }
  const { status, output, complaints } = await play('openai-tools-agent', ['--real'], key)
  expect(status, `${output}\n${complaints}`).toBe(0)
  expect(output).toContain('all done')
  expect(output).toContain('What was really done: read acme, read globex, paid 120 to ACME Ltd\n')
  expect(asked).toHaveLength(3)
  expect(asked[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer a-key' } })
  expect(asked[0]?.body['tools']).toHaveLength(3)
  expect(JSON.stringify(asked[2]?.body['messages'])).toMatch(/waits for a human.*bills are kept for ten years/u)
})

test(
  'the-support-agent-works-with-the-key-of-the-gateway-and-refunds-no-more-than-it-may',
  { timeout: 60_000 },
  async () => {
    const close = { tool: 'close_account', args: { customer: 'c-7' } }
    const { asked, url } = await model(gateway, [refund('A-1', 40), refund('A-2', 4000), close])
    const key = { AI_GATEWAY_API_KEY: 'a-key', STAND_IN: url }
    const { status, output, complaints } = await play('vercel-ai-agent', ['--model', 'some/model'], key)
    expect(status, `${output}\n${complaints}`).toBe(0)
    expect(output).toMatch(/refund number 1 +allowed/u)
    expect(output.match(/^ {2}call .*denied/gmu)).toHaveLength(2)
    expect(output).not.toContain('refund number 2')
    expect(asked).toHaveLength(2)
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer a-key' })
    expect(JSON.stringify(asked[1]?.body['prompt'])).toContain('keep-accounts')
  },
)

test('the-invoice-agent-says-which-package-its-model-needs', { timeout: 60_000 }, async () => {
  const { asked, url } = await model(chatCompletions)
  const key = { OPENAI_API_KEY: 'a-key', STAND_IN: url }
  const { status, complaints } = await play('langchain-agent', ['--model', 'openai:gpt-5.5'], key)
  expect(status).toBe(1)
  expect(complaints).toContain('@langchain/openai')
  expect(asked).toEqual([])
})
