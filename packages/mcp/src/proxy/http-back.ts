import { type Back, type Message, type OpenBack, type RequestId, lostAnswer, requestId } from './back.ts'
import { handshake } from './handshake.ts'
import { type HttpConnection, listenOn, takeAnswer } from './http-exchange.ts'
import { type HttpServerOptions, httpWire } from './http-wire.ts'
import { ownVersion } from './mcp-headers.ts'
import { paramHeaders } from './param-headers.ts'

const MAX_AT_ONCE = 256
const END_TIMEOUT_MS = 1_000
const LIST_CHANGED: Message = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

/** A server that speaks Streamable HTTP: one POST for each message, and a stream for what it says of itself. */
export function httpBack(options: HttpServerOptions): OpenBack {
  const params = paramHeaders() // of one server, whoever asks
  return async (events) => await Promise.resolve(open({ options, events, wire: httpWire(options, params) }))
}

function open(connection: HttpConnection): Back {
  const { events, wire } = connection
  const closing = new AbortController()
  const asked = new Map<RequestId, AbortController>()
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
    const isBegun = await takeAnswer({ ...connection, events: { ...events, message: swallow } }, { id: replay.id, answer }, closing.signal)
    if (!isBegun || replay.then === undefined) return isBegun
    await tell(replay.then, closing.signal)
    await events.message(LIST_CHANGED, {})
    return true
  }

  const tell = async (message: Message, signal: AbortSignal): Promise<void> => {
    const answer = await wire.post(message, signal)
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
      renewing ??= renew().finally(() => {
        renewing = undefined
      })
      if (wire.session() === session && !(await renewing)) return 'the MCP server ended the session'
      answer = await wire.post(message, signal)
    }
    if (await takeAnswer(connection, { id, answer }, signal)) return undefined
    return answer.status === 200
      ? 'the MCP server broke off before it answered; it may or may not have done what it was asked'
      : `the MCP server answered with HTTP ${String(answer.status)}`
  }

  const ask = async (message: Message, id: RequestId): Promise<void> => {
    const own = new AbortController()
    asked.set(id, own)
    const signal = AbortSignal.any([own.signal, closing.signal])
    const why = await exchange(message, id, signal).catch((cause: unknown) =>
      signal.aborted ? undefined : `the MCP server cannot be reached: ${reasonOf(cause)}`,
    )
    if (asked.get(id) === own) asked.delete(id)
    if (why !== undefined) await events.message(lostAnswer(id, why), { about: id })
  }

  return {
    send: async (message) => {
      began.note(message)
      const id = requestId(message)
      if (id === undefined) {
        if (!isModernCancel(message, asked)) await tell(message, closing.signal)
      } else if (asked.size < MAX_AT_ONCE) void ask(message, id)
      else await events.message(lostAnswer(id, 'too many requests are open at once; try again when some are done'), { about: id })
    },
    close: async () => {
      closing.abort()
      await wire.end(AbortSignal.timeout(END_TIMEOUT_MS)).catch((cause: unknown) => {
        events.say(`cannot end the session with the server: ${reasonOf(cause)}`)
      })
    },
  }
}
