import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A call that the script makes: a tool, and its arguments as an object or as a text of its own. */
export interface Scripted {
  readonly tool: string
  readonly args: object | string
}

/** OpenAI's API on this machine, with a script in place of a model. */
export interface FakeOpenAI {
  readonly baseURL: string
  /** Puts down what the model does next: a call a turn; after the last one it is done. */
  readonly play: (...calls: readonly Scripted[]) => void
  /** What the model was told of its last call. */
  readonly lastTold: () => string
  readonly close: () => void
}

interface Message {
  readonly role: string
  readonly content?: string | null
}

/** Opens it on a free port. */
export async function fakeOpenAI(): Promise<FakeOpenAI> {
  const queue: Scripted[] = []
  let told = ''
  let calls = 0
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { messages } = JSON.parse(body) as { readonly messages: readonly Message[] }
      told = messages.findLast(({ role }) => role === 'tool')?.content ?? told
      const step = queue.shift()
      if (step !== undefined) calls += 1
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(completion(step, `call_${String(calls)}`)))
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // of a server that listens on a port
  return {
    baseURL: `http://127.0.0.1:${String(port)}/v1`,
    play: (...next) => queue.push(...next),
    lastTold: () => told,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function completion(next: Scripted | undefined, id: string): object {
  const done = { role: 'assistant', content: 'done', refusal: null }
  return {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 0,
    model: 'fake',
    choices: [
      next === undefined
        ? { index: 0, finish_reason: 'stop', logprobs: null, message: done }
        : { index: 0, finish_reason: 'tool_calls', logprobs: null, message: calling(next, id) },
    ],
  }
}

function calling({ tool, args }: Scripted, id: string): object {
  const call = { name: tool, arguments: typeof args === 'string' ? args : JSON.stringify(args) }
  return { role: 'assistant', content: null, refusal: null, tool_calls: [{ id, type: 'function', function: call }] }
}
