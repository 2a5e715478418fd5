import type { RequestId } from '../gate/message.ts'
import { type Back, type Message, type OpenBack, lostAnswer, requestId } from './back.ts'
import { handshake } from './handshake.ts'
import { type HttpConnection, listenOn, takeAnswer } from './http-exchange.ts'
import { type HttpServerOptions, httpWire } from './http-wire.ts'
import { ownVersion } from './mcp-headers.ts'
import { paramHeaders } from './param-headers.ts'

const MAX_AT_ONCE = 256
const END_TIMEOUT_MS = 1_000
const TOO_MANY = 'too many requests are open at once; try again when some of them are answered'
const LIST_CHANGED: Message = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

/** A server that speaks Streamable HTTP: one POST for each message, and a stream for what it says of itself. */
export function httpBack(options: HttpServerOptions): OpenBack {
  const params = paramHeaders() // of one server, whoever asks
  return async (events, authorization) => {
    const headers = authorization === undefined ? options.headers : { ...options.headers, authorization }
    const own = { ...options, headers }
    return await Promise.resolve(open({ options: own, events, wire: httpWire(own, params) }))
  }
}

function open(connection: HttpConnection): Back {
  const { events, wire } = connection
  const closing = new AbortController()
  const asked = new Map<RequestId, Asked>()
  const began = handshake()
  let renewing: Promise<boolean> | undefined

  const listen = (): void => {
    listenOn(connection, closing.signal).catch((cause: unknown) => {
      if (!closing.signal.aborted) events.say(`cannot listen to the server: ${reasonOf(cause)}`)
    })
  }

  // The server forgot the session: it begins again, with what it began with. What was refused for it was not done.
  const renew = async (): Promise<boolean> => {
    const replay = began.replay()
    if (replay === undefined) return false
    const answer = await wire.post(replay.first, closing.signal)
    wire.begin(answer)
    const quiet = { ...connection, events: { ...events, message: async () => await Promise.resolve() } }
    const isBegun = await takeAnswer(quiet, { id: replay.id, answer }, closing.signal)
    if (!isBegun || replay.second === undefined) return isBegun
    await tell(replay.second)
    await events.message(LIST_CHANGED, {})
    return true
  }

  const renewed = (): Promise<boolean> => {
    renewing ??= renew().finally(() => {
      renewing = undefined
    })
    return renewing
  }

  const tell = async (message: Message): Promise<void> => {
    const answer = await wire.post(message, closing.signal)
    answer.body.resume()
    if (answer.status >= 300) events.say(`the server answered a notification with HTTP ${String(answer.status)}`)
    else if (message['method'] === 'notifications/initialized') listen()
  }

  const exchange = async (message: Message, id: RequestId, signal: AbortSignal): Promise<string | undefined> => {
    const session = wire.session()
    let answer = await wire.post(message, signal)
    if (message['method'] === 'initialize' && answer.status < 300) wire.begin(answer)
    else if (answer.status === 404 && session !== undefined) {
      answer.body.resume()
      // Another call may have begun the session anew meanwhile.
      if (wire.session() === session && !(await renewed())) return 'the MCP server ended the session'
      answer = await wire.post(message, signal)
    }
    if (await takeAnswer(connection, { id, answer }, signal)) return undefined
    return answer.status === 200
      ? 'the MCP server broke off before it answered; it may or may not have done what it was asked'
      : `the MCP server answered with HTTP ${String(answer.status)}`
  }

  const ask = async (message: Message, id: RequestId): Promise<void> => {
    const own = { abort: new AbortController(), isModern: ownVersion(message) !== undefined }
    asked.set(id, own)
    const { signal } = own.abort
    const why = await exchange(message, id, signal).catch((cause: unknown) =>
      signal.aborted ? undefined : `the MCP server cannot be reached: ${reasonOf(cause)}`,
    )
    if (asked.get(id) === own) asked.delete(id)
    if (why !== undefined) await events.message(lostAnswer(id, why), { about: id })
  }

  const unreached = (cause: unknown): void => {
    events.say(`the server cannot be reached: ${reasonOf(cause)}`)
  }

  return {
    send: async (message) => {
      began.note(message)
      const id = requestId(message)
      const cancelled = cancelledBy(message, asked)
      if (id === undefined) {
        if (cancelled?.isModern !== true) await tell(message).catch(unreached)
        cancelled?.abort.abort() // most servers never answer what was given up
      } else if (asked.size < MAX_AT_ONCE) void ask(message, id)
      else await events.message(lostAnswer(id, TOO_MANY), { about: id })
    },
    close: async () => {
      closing.abort()
      for (const { abort } of asked.values()) abort.abort()
      await wire.end(AbortSignal.timeout(END_TIMEOUT_MS)).catch((cause: unknown) => {
        events.say(`cannot end the session with the server: ${reasonOf(cause)}`)
      })
    },
  }
}

interface Asked {
  readonly abort: AbortController
  /** Of a revision in which a request is cancelled by hanging up. */
  readonly isModern: boolean
}

function cancelledBy(message: Message, asked: ReadonlyMap<RequestId, Asked>): Asked | undefined {
  const { method, params } = message
  if (method !== 'notifications/cancelled' || typeof params !== 'object' || params === null) return undefined
  const id = 'requestId' in params ? params.requestId : undefined
  const found = typeof id === 'string' || typeof id === 'number' ? asked.get(id) : undefined
  return found
}

// The code alone, where there is one: a message may name more than it should.
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'it failed'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
