import { type RequestId, isRequestId, own } from '../gate/message.ts'
import { parseMessage } from '../gate/parse-message.ts'
import type { Message } from './back.ts'
import type { Line } from './lines.ts'

/** Why a text of the server's is no message. */
export interface Unreadable {
  readonly kind: 'unreadable'
  /** For people: what the server sent. */
  readonly what: string
  /** The request that it answers, where that can be told. */
  readonly answers?: RequestId | undefined
  /** True where it may have been the answer to anything. */
  readonly isCut: boolean
}

/** What a text of the server's is. */
export type ReadText = { readonly kind: 'message'; readonly message: Message } | Unreadable

/** The message that a text of the server's is, or why it is none. */
export function readText(text: string, maxBytes: number): ReadText {
  const parsed = parseMessage(text, maxBytes)
  if (parsed.kind === 'message' && isObject(parsed.message)) return { kind: 'message', message: parsed.message }
  const why = parsed.kind === 'message' ? 'it is no object' : parsed.why
  const id = parsed.kind === 'message' ? undefined : own(parsed.answer, 'id')
  const answers = isRequestId(id) ? id : undefined
  return { kind: 'unreadable', what: `what is no message (${why})`, answers, isCut: false }
}

/** The message in a line of the server's, or why there is none; undefined for an empty line. */
export function readLine(line: Line, maxBytes: number): ReadText | undefined {
  if ('text' in line) return line.text.trim() === '' ? undefined : readText(line.text, maxBytes)
  const isCut = line.problem === 'too_long'
  const what = isCut ? `a message of more than ${String(maxBytes)} bytes` : 'what is not UTF-8'
  return { kind: 'unreadable', what, isCut }
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null
}
