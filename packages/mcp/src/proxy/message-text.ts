import { type RequestId, isRequestId, own } from '../gate/message.ts'
import { parseMessage } from '../gate/parse-message.ts'
import type { Message } from './back.ts'
import type { Line } from './lines.ts'

/** Why a text of the server's is no message. */
export interface Unreadable {
  /** For people: what the server sent. */
  readonly what: string
  /** The request that it answers, where that can be told. */
  readonly answers?: RequestId | undefined
  /** True where it may have been the answer to anything. */
  readonly isCut: boolean
}

/** The message that a text of the server's is; undefined where it is none, and that was told. */
export function readText(text: string, maxBytes: number, tell: (problem: Unreadable) => void): Message | undefined {
  const parsed = parseMessage(text, maxBytes)
  if (parsed.kind === 'message' && isObject(parsed.message)) return parsed.message
  const why = parsed.kind === 'message' ? 'it is no object' : parsed.why
  const id = parsed.kind === 'message' ? undefined : own(parsed.answer, 'id')
  tell({ what: `what is no message (${why})`, answers: isRequestId(id) ? id : undefined, isCut: false })
  return undefined
}

/** The message in a line of the server's; undefined where there is none. */
export function readLine(line: Line, maxBytes: number, tell: (problem: Unreadable) => void): Message | undefined {
  if ('text' in line) return line.text.trim() === '' ? undefined : readText(line.text, maxBytes, tell)
  const isCut = line.problem === 'too_long'
  const what = isCut ? `a message of more than ${String(maxBytes)} bytes` : 'what is not UTF-8'
  tell({ what, isCut })
  return undefined
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null
}
