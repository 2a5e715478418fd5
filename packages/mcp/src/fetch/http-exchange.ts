import type { ActionRuntime } from '@capfence/core'
import type { McpOptions } from '../gate/mcp-options.ts'
import { type MessageGate, messageGate } from '../gate/message-gate.ts'
import { own, readMessage } from '../gate/message.ts'
import { eventsOf } from '../proxy/sse.ts'
import { type HttpReply, httpReply } from './http-reply.ts'

/** What serves a request with this message as its body. */
type Serve = (message: unknown, signal: AbortSignal) => Promise<Response>

/** One message over HTTP. */
export interface ExchangeInit {
  readonly runtime: ActionRuntime
  readonly options: McpOptions
  readonly message: object
  /** For the host's `contextOf` and `runOf`. */
  readonly extra: unknown
  readonly serve: Serve
  /** Aborted where the client goes away. */
  readonly signal: AbortSignal
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** Takes one message through a gate of its own, and what comes for it back. Rejects where serving it does. */
export function httpExchange(init: ExchangeInit): Promise<Response> {
  const { runtime, options, message, extra, signal } = init
  const leave = new AbortController()
  const reply = httpReply(() => leave.abort())
  let isAnswered = false
  let fault: { readonly cause: unknown } | undefined
  const gate = messageGate(runtime, options, {
    toServer: async (judged) => {
      const response = await init.serve(judged, leave.signal)
      const hasAnswer = await handBack(response, { gate, reply, message })
      // Whoever waits for the answer must not wait for ever.
      if (!hasAnswer && readMessage(message).kind === 'request') throw new Error('the server gave no answer')
    },
    toClient: (answer, id) => {
      isAnswered ||= isAnswerTo(message, answer)
      reply.send(answer, typeof id === 'string' ? id : undefined)
    },
    onFault: (cause) => {
      fault ??= { cause }
    },
  })
  const giveUp = (): void => {
    leave.abort()
    void gate.close()
  }
  signal.addEventListener('abort', giveUp, { once: true })
  leave.signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  void settle()
  return reply.response

  async function settle(): Promise<void> {
    await gate.fromClient(message, extra)
    // A client that was told of the fault needs no other word of it.
    if (fault === undefined || isAnswered) reply.end()
    else reply.fail(fault.cause)
    signal.removeEventListener('abort', giveUp)
    await gate.close()
  }
}

interface Back {
  readonly gate: MessageGate
  readonly reply: HttpReply
  readonly message: object
}

/** Takes what a response holds through the gate; whether the message was answered in it. */
async function handBack(response: Response, { gate, reply, message }: Back): Promise<boolean> {
  const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  const taken: Promise<void>[] = []
  let isAnswered = false
  const take = (text: string, id?: string): void => {
    const given: unknown = JSON.parse(text)
    isAnswered ||= isAnswerTo(message, given)
    taken.push(gate.fromServer(given, id))
  }
  if (type === 'application/json') {
    reply.begin(response, false)
    take(await response.text())
  } else if (type === 'text/event-stream' && response.body !== null) {
    reply.begin(response, true)
    for await (const { data, id } of eventsOf(response.body, MAX_ANSWER_BYTES)) if (data !== '') take(data, id)
  } else reply.pass(response)
  await Promise.all(taken)
  return isAnswered
}

function isAnswerTo(message: object, given: unknown): boolean {
  const read = readMessage(given)
  return read.kind === 'response' && read.id !== null && read.id === own(message, 'id')
}
