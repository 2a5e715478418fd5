import { type Message, answeredId } from './back.ts'
import { type HttpAnswer, type HttpRequest, httpRequest } from './http-request.ts'
import { bodyHeaders, ownVersion } from './mcp-headers.ts'
import type { ParamHeaders } from './param-headers.ts'

/** Where a server is, and how to ask it. */
export interface HttpServerOptions {
  readonly url: URL
  /** Sent with each request: the proxy's own credentials. They are never told to anyone. */
  readonly headers: Readonly<Record<string, string>>
  readonly maxMessageBytes: number
  /** How long the server may take to begin an answer; 5 minutes where left out. */
  readonly timeoutMs?: number | undefined
}

/** The requests of one connection to a server, with the headers that belong to it. */
export interface HttpWire {
  readonly post: (message: Message, signal: AbortSignal) => Promise<HttpAnswer>
  /** Opens the stream of what the server says of itself, or goes on where one broke off. */
  readonly listen: (lastEventId: string | undefined, signal: AbortSignal) => Promise<HttpAnswer>
  readonly end: (signal: AbortSignal) => Promise<void>
  /** Takes the session that the server gave with its answer to `initialize`. */
  readonly begin: (answer: HttpAnswer) => void
  /** Takes from an answer what was agreed in it. */
  readonly note: (message: Message) => void
  readonly session: () => string | undefined
}

const DEFAULT_TIMEOUT_MS = 300_000
const ACCEPT = 'application/json, text/event-stream'

/** Opens a connection: until the first request, nothing is asked. */
export function httpWire(options: HttpServerOptions, params: ParamHeaders): HttpWire {
  let session: string | undefined
  let agreed: string | undefined
  const ask = (request: Omit<HttpRequest, 'url'>): Promise<HttpAnswer> =>
    // The proxy's own headers come last: nothing of a client's stands in their place.
    httpRequest({ ...request, url: options.url, headers: { ...request.headers, ...options.headers } })
  const sessionHeaders = (version = agreed): Record<string, string> => ({
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
    ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
  })
  const post = (message: Message, signal: AbortSignal): Promise<HttpAnswer> => {
    const isFirst = message['method'] === 'initialize'
    const body = JSON.stringify(message)
    const headers = {
      accept: ACCEPT,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...(isFirst ? {} : sessionHeaders(ownVersion(message) ?? agreed)),
      ...bodyHeaders(message),
      ...(ownVersion(message) === undefined ? {} : params.of(message)),
    }
    return ask({ method: 'POST', headers, body, signal, timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS })
  }
  return {
    post,
    listen: (lastEventId, signal) => {
      const last = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
      return ask({ method: 'GET', headers: { accept: 'text/event-stream', ...sessionHeaders(), ...last }, signal })
    },
    end: async (signal) => {
      if (session === undefined) return
      const answer = await ask({ method: 'DELETE', headers: sessionHeaders(), signal })
      answer.body.destroy()
    },
    begin: (answer) => {
      session = answer.header('mcp-session-id')
    },
    note: (message) => {
      if (answeredId(message) === undefined) return
      params.note(message)
      const { result } = message
      if (typeof result !== 'object' || result === null || !('protocolVersion' in result)) return
      if (typeof result.protocolVersion === 'string') agreed = result.protocolVersion
    },
    session: () => session,
  }
}
