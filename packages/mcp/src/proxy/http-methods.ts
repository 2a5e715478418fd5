import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorMessage } from '../gate/answers.ts'
import { INVALID_REQUEST } from '../gate/message.ts'
import { type Message, requestId } from './back.ts'
import type { ProxyOptions } from './connection.ts'
import type { HttpProxyOptions } from './http-front.ts'
import { type Post, readPost } from './http-post.ts'
import { type Reply, reply } from './http-reply.ts'
import { type HttpSession, openSession } from './http-session.ts'
import type { HttpSessions } from './http-sessions.ts'
import { ownVersion } from './mcp-headers.ts'

/** One request of HTTP by a client that may speak to the proxy. */
export interface Exchange {
  readonly options: HttpProxyOptions
  /** For requests that stand alone. */
  readonly alone: ProxyOptions
  readonly sessions: HttpSessions
  readonly credential: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const ANSWER_WAIT_MS = 1_000
const JSON_TYPE = { 'content-type': 'application/json' }

/** Answers with an error, and reads no further. */
export function refuse(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  { status, why }: { readonly status: number; readonly why: string },
): void {
  answerWith({ request, response }, status, errorMessage(null, INVALID_REQUEST, why))
}

/** Takes one message of a client. */
export async function takePost(exchange: Exchange): Promise<void> {
  const post = await readPost(exchange.request, exchange.options.limits.maxBodyBytes)
  if (post.kind === 'refused') return answerWith(exchange, post.status, post.answer)
  // Since revision 2026-07-28 each request stands alone, whatever session its client may name.
  if (ownVersion(post.message) !== undefined) return await alone(exchange, post)
  const id = sessionIdOf(exchange)
  if (id !== undefined) {
    const session = exchange.sessions.find(id, exchange.credential)
    return session === undefined ? refuse(exchange, NO_SESSION) : await within(exchange, post, session)
  }
  if (post.message['method'] !== 'initialize' || requestId(post.message) === undefined) {
    return refuse(exchange, { status: 400, why: 'the header Mcp-Session-Id is missing; begin with `initialize`' })
  }
  return await begin(exchange, post)
}

/** Opens the stream of what belongs to no request. */
export async function takeGet(exchange: Exchange): Promise<void> {
  const { headers } = exchange.request
  if (!(headers.accept ?? '').includes('text/event-stream')) {
    return refuse(exchange, { status: 406, why: 'the header Accept must name text/event-stream' })
  }
  const session = exchange.sessions.find(sessionIdOf(exchange) ?? '', exchange.credential)
  if (session === undefined) return refuse(exchange, NO_SESSION)
  if (session.isListened()) return refuse(exchange, { status: 409, why: 'there is such a stream already' })
  session.listen(replyTo(exchange, {}, 0))
  return await Promise.resolve()
}

/** Ends a session. */
export async function takeDelete(exchange: Exchange): Promise<void> {
  const id = sessionIdOf(exchange) ?? ''
  if (exchange.sessions.find(id, exchange.credential) === undefined) return refuse(exchange, NO_SESSION)
  await exchange.sessions.end(id)
  exchange.response.writeHead(200).end()
  return undefined
}

const TOO_MANY_SESSIONS = { status: 503, why: 'too many sessions are open' }
const NO_SESSION = { status: 404, why: 'there is no such session; begin with `initialize`' }

type Posted = Extract<Post, { kind: 'message' }>

async function begin(exchange: Exchange, { message, sizeBytes }: Posted): Promise<void> {
  const { options, sessions, credential } = exchange
  const release = sessions.reserve(options.limits.maxSessions)
  if (release === undefined) return refuse(exchange, TOO_MANY_SESSIONS)
  let id = ''
  const closed = (why: string): void => {
    options.say(why)
    void sessions.end(id)
  }
  const session = await opened(exchange, options, closed).finally(release)
  if (session === undefined) return undefined
  id = sessions.add(session, credential)
  await session.ask(message, sizeBytes, replyTo(exchange, { 'mcp-session-id': id }))
  return undefined
}

async function within(exchange: Exchange, { message, sizeBytes }: Posted, session: HttpSession): Promise<void> {
  const id = requestId(message)
  if (id === undefined) {
    await session.tell(message, sizeBytes)
    exchange.response.writeHead(202).end()
  } else if (session.isAsked(id)) {
    const why = 'invalid request: a request with this `id` is open'
    answerWith(exchange, 400, errorMessage(id, INVALID_REQUEST, why))
  } else await session.ask(message, sizeBytes, replyTo(exchange, {}))
}

// Of a command, each request has a process to itself while it lasts.
async function alone(exchange: Exchange, posted: Posted): Promise<void> {
  const { options, sessions } = exchange
  const release = options.isProcess ? sessions.reserve(options.limits.maxSessions) : () => undefined
  if (release === undefined) return refuse(exchange, TOO_MANY_SESSIONS)
  await lent(exchange, posted).finally(release)
  return undefined
}

async function lent(exchange: Exchange, { message, sizeBytes }: Posted): Promise<void> {
  const closed = new Promise((resolve) => exchange.response.once('close', resolve))
  const session = await opened(exchange, exchange.alone, exchange.options.say)
  if (session === undefined) return undefined
  const id = requestId(message)
  try {
    if (id === undefined) {
      await session.tell(message, sizeBytes)
      exchange.response.writeHead(202).end()
      return undefined
    }
    const to = replyTo(exchange, {})
    await session.ask(message, sizeBytes, to)
    await closed
    // A client that hangs up gives its request up.
    if (session.isAsked(id)) {
      await session.tell({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }, 0)
    }
  } finally {
    await session.close()
  }
  return undefined
}

async function opened(
  exchange: Exchange,
  server: ProxyOptions,
  closed: (why: string) => void,
): Promise<HttpSession | undefined> {
  const { options, request } = exchange
  const authorization = options.forwardsAuthorization ? request.headers.authorization : undefined
  try {
    const session = await openSession({ ...server, authorization }, closed)
    if (!exchange.response.destroyed) return session
    await session.close() // who asked has left: nothing is asked for them
    return undefined
  } catch (cause) {
    options.say(`there is no server to be had: ${cause instanceof Error ? cause.message : String(cause)}`)
    refuse(exchange, { status: 502, why: 'there is no server to be had' })
    return undefined
  }
}

function replyTo({ options, response }: Exchange, headers: Record<string, string>, waitMs = ANSWER_WAIT_MS): Reply {
  return reply(response, { headers, waitMs, stallMs: options.limits.stallMs })
}

function sessionIdOf({ request }: Exchange): string | undefined {
  const id = request.headers['mcp-session-id']
  return typeof id === 'string' ? id : undefined
}

function answerWith(
  { request, response }: Pick<Exchange, 'request' | 'response'>,
  status: number,
  answer: Message | object,
): void {
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  // What was not read is not taken for the next request.
  const leave = request.complete ? {} : { connection: 'close' }
  response.writeHead(status, { ...JSON_TYPE, ...challenge, ...leave }).end(JSON.stringify(answer))
}
