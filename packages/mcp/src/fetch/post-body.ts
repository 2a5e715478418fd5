import { errorMessage } from '../gate/answers.ts'
import { INVALID_REQUEST, isRequestId, own } from '../gate/message.ts'
import { parseMessage } from '../gate/parse-message.ts'
import { byteBuffer } from '../proxy/byte-buffer.ts'
import { disagreement, strayParameter } from '../proxy/mcp-headers.ts'

/** What was posted, or what to answer. */
export type Posted =
  | { readonly kind: 'message'; readonly message: object }
  | { readonly kind: 'refused'; readonly status: number; readonly answer: object }

// SEP-2243.
const HEADER_MISMATCH = -32_020

/** What a body that was parsed already stands for. */
export function parsedPost(request: Request, body: unknown): Posted {
  if (Array.isArray(body)) return refused(400, 'batches are no part of MCP: send one message at a time')
  if (typeof body !== 'object' || body === null) return refused(400, 'a message is an object')
  return agreeing(request.headers, body)
}

/** Reads the body of a POST, no more than `maxBytes` of it. */
export async function readPost(request: Request, maxBytes: number): Promise<Posted> {
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    return refused(415, 'the body must not be compressed')
  }
  const tooLong = refused(413, `a message has at most ${String(maxBytes)} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return tooLong
  const held = byteBuffer()
  let sizeBytes = 0
  const body: AsyncIterable<Uint8Array> | null = request.body
  for await (const part of body ?? []) {
    sizeBytes += part.length
    if (sizeBytes > maxBytes) return tooLong
    held.add(part)
  }
  const text = decoded(held.take())
  if (text === undefined) return refused(400, 'the body is not UTF-8')
  const parsed = parseMessage(text, maxBytes)
  if (parsed.kind === 'refused') return { kind: 'refused', status: 400, answer: parsed.answer }
  return parsedPost(request, parsed.message)
}

// Strict: a byte that is no UTF-8 would be judged as one text and read by the server as another.
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined // told to the client
  }
}

// What a router on the way went by must be what is judged here.
function agreeing(headers: Headers, message: object): Posted {
  const read = (name: string): string | undefined => headers.get(name) ?? undefined
  const params = [...headers].filter(([name]) => name.startsWith('mcp-param-'))
  const whole = { ...message }
  const stray = strayParameter(params, whole)
  const why = disagreement(read, whole) ?? (stray === undefined ? undefined : `the header ${stray} repeats no argument`)
  if (why === undefined) return { kind: 'message', message }
  const id = own(message, 'id')
  const answer = errorMessage(isRequestId(id) ? id : null, HEADER_MISMATCH, `header mismatch: ${why}`)
  return { kind: 'refused', status: 400, answer }
}

function refused(status: number, why: string): Posted {
  return { kind: 'refused', status, answer: errorMessage(null, INVALID_REQUEST, `invalid request: ${why}`) }
}
