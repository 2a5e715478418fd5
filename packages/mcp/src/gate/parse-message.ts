import { errorMessage } from './answers.ts'
import { INVALID_REQUEST, PARSE_ERROR, type RequestId, isRequestId, own } from './message.ts'
import { type TextFault, textFault } from './text-fault.ts'

/** The most bytes of one message, where the host names no other number. */
export const MAX_MESSAGE_BYTES: number = 4 * 1024 * 1024

/** What a text is: a value to hand to a gate, or the error to answer with. */
export type ParsedMessage =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'refused'; readonly answer: object; readonly why: string }

const WHY: Readonly<Record<TextFault['kind'], string>> = {
  twins: 'a key stands twice in one object',
  depth: 'it is nested too deeply',
}

/**
 * Reads the text of one message. Refused, with the error that JSON-RPC has for it: what is longer than `maxBytes`
 * (before it is parsed), no JSON, a batch, and what two parsers could read as two messages.
 */
export function parseMessage(text: string, maxBytes: number = MAX_MESSAGE_BYTES): ParsedMessage {
  if (isTooLong(text, maxBytes)) {
    return refused(null, `a message has at most ${String(maxBytes)} bytes`)
  }
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    const why = 'parse error: the message is not JSON'
    return { kind: 'refused', answer: errorMessage(null, PARSE_ERROR, why), why }
  }
  if (Array.isArray(message)) return refused(null, 'batches are no part of MCP: send one message at a time')
  const fault = textFault(text, message)
  if (fault === undefined) return { kind: 'message', message }
  const id = own(message, 'id')
  // Where the outermost object has the twins, they may be its `id`.
  return refused(fault.depth > 1 && isRequestId(id) ? id : null, WHY[fault.kind])
}

// No UTF-16 unit takes more than three bytes, so most texts need no counting.
function isTooLong(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && (text.length > maxBytes || Buffer.byteLength(text) > maxBytes)
}

function refused(id: RequestId | null, reason: string): ParsedMessage {
  const why = `invalid request: ${reason}`
  return { kind: 'refused', answer: errorMessage(id, INVALID_REQUEST, why), why }
}
