import type { IncomingMessage } from 'node:http'
import { errorMessage } from '../gate/answers.ts'
import { INVALID_REQUEST, isRequestId, own } from '../gate/message.ts'
import { parseMessage } from '../gate/parse-message.ts'
import type { Message } from './back.ts'
import { BodyTooLongError, bodyOf } from './http-request.ts'
import { disagreement, strayParameter } from './mcp-headers.ts'

/** What a client posted, or what to answer it. */
export type Post =
  | { readonly kind: 'message'; readonly message: Message; readonly sizeBytes: number }
  | { readonly kind: 'refused'; readonly status: number; readonly answer: object }

// SEP-2243.
const HEADER_MISMATCH = -32_020

/** Reads a POST: one message, and headers that say the same as the body. Rejects where the client is cut off. */
export async function readPost(request: IncomingMessage, maxBytes: number): Promise<Post> {
  const unfit = unfitHeaders(request)
  if (unfit !== undefined) return unfit
  const text = await textOf(request, maxBytes)
  if (typeof text !== 'string') return text
  const parsed = parseMessage(text, maxBytes)
  if (parsed.kind === 'refused') return { kind: 'refused', status: 400, answer: parsed.answer }
  const { message } = parsed
  if (typeof message !== 'object' || message === null) return refused(400, 'a message is an object')
  return agreeing(request, message as Message, Buffer.byteLength(text)) // an object
}

function unfitHeaders({ headers }: IncomingMessage): Post | undefined {
  if (mediaType(headers['content-type'] ?? '') !== 'application/json') {
    return refused(415, 'the body must be application/json')
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return refused(415, 'the body must not be compressed')
  const accept = headers.accept ?? ''
  if (accepts(accept, 'application/json') && accepts(accept, 'text/event-stream')) return undefined
  return refused(406, 'the header Accept must name application/json and text/event-stream')
}

async function textOf(request: IncomingMessage, maxBytes: number): Promise<string | Post> {
  const tooLong = refused(413, `a message has at most ${String(maxBytes)} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLong
  try {
    const body = await bodyOf(request, maxBytes)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch (cause) {
    if (cause instanceof BodyTooLongError) return tooLong
    if (cause instanceof TypeError) return refused(400, 'the body is not UTF-8')
    throw cause
  }
}

// What a router on the way went by must be what is judged here.
function agreeing(request: IncomingMessage, message: Message, sizeBytes: number): Post {
  const header = (name: string): string | undefined => {
    const value = request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  const params = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith('mcp-param-') ? [[name, String(value)] as const] : [],
  )
  const stray = params.length === 0 ? undefined : strayParameter(params, message)
  const why =
    disagreement(header, message) ?? (stray === undefined ? undefined : `the header ${stray} repeats no argument`)
  if (why === undefined) return { kind: 'message', message, sizeBytes }
  const id = own(message, 'id')
  return {
    kind: 'refused',
    status: 400,
    answer: errorMessage(isRequestId(id) ? id : null, HEADER_MISMATCH, `header mismatch: ${why}`),
  }
}

function refused(status: number, why: string): Post {
  return { kind: 'refused', status, answer: errorMessage(null, INVALID_REQUEST, `invalid request: ${why}`) }
}

function mediaType(header: string): string {
  return header.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function accepts(header: string, type: string): boolean {
  return header.split(',').some((one) => mediaType(one) === type || mediaType(one) === '*/*')
}
