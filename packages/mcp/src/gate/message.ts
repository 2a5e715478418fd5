import { strayNames } from './member-names.ts'

/** The id of a JSON-RPC request as MCP allows it. */
export type RequestId = string | number

/** The text is no JSON. JSON-RPC 2.0 §5.1. */
export const PARSE_ERROR = -32700
/** The JSON is no message. */
export const INVALID_REQUEST = -32600
/** Nobody answers to such a method. */
export const METHOD_NOT_FOUND = -32601
/** The params are none of the method's. */
export const INVALID_PARAMS = -32602
/** The gate, or the server behind it, failed. */
export const INTERNAL_ERROR = -32603
/** The policy refuses a request that has no way to answer with a refusal in its result. */
export const REFUSED = -32003

/** A request, as far as a gate must know it. `whole` is what is handed on: read once, so it stays what it was. */
export interface Request {
  readonly kind: 'request'
  readonly id: RequestId
  readonly method: string
  readonly params: unknown
  readonly whole: object
}

/** A message that nobody answers. */
export interface Notification {
  readonly kind: 'notification'
  readonly method: string
  readonly params: unknown
  readonly whole: object
}

/** An answer; without an id where it is an error about a message that could not be read. */
export interface Response {
  readonly kind: 'response'
  readonly id: RequestId | null
  readonly whole: object
}

/** What is no message, or could be taken for two. */
interface Invalid {
  readonly kind: 'invalid'
  readonly id: RequestId | null
  readonly why: string
  readonly whole: unknown
}

/** A message of JSON-RPC 2.0, as MCP allows it. */
export type Message = Request | Notification | Response | Invalid

// A reader that tells no case apart takes `Method` for the method, and the last of the two.
const hasStray = strayNames(['jsonrpc', 'id', 'method', 'params', 'result', 'error'])

/** Reads a message. Its own members count, each read once; what two readers could take for two messages is invalid. */
export function readMessage(given: unknown): Message {
  if (Array.isArray(given)) return invalid(given, null, 'batches are no part of MCP: send one message at a time')
  if (typeof given !== 'object' || given === null) return invalid(given, null, 'a message is an object')
  // Own members alone: what is inherited is not sent.
  const whole: Readonly<Record<string, unknown>> = { ...given }
  const { jsonrpc, id } = whole
  const known = isRequestId(id) ? id : null
  if (jsonrpc !== '2.0') return invalid(whole, known, '`jsonrpc` is not "2.0"')
  if (hasStray(whole)) return invalid(whole, known, 'a member is written almost like one of JSON-RPC')
  return read(whole, known)
}

function read(whole: Readonly<Record<string, unknown>>, known: RequestId | null): Message {
  const isAnswer = Object.hasOwn(whole, 'result') || Object.hasOwn(whole, 'error')
  if (!Object.hasOwn(whole, 'method'))
    return isAnswer ? response(whole, whole['id']) : invalid(whole, known, 'it has no `method`')
  if (isAnswer) return invalid(whole, known, 'it is a request and an answer at once')
  return asked(whole)
}

function asked(whole: Readonly<Record<string, unknown>>): Message {
  const { id, method, params } = whole
  if (typeof method !== 'string') return invalid(whole, isRequestId(id) ? id : null, '`method` is not a string')
  if (id === undefined) return { kind: 'notification', method, params, whole }
  if (!isRequestId(id)) return invalid(whole, null, '`id` is neither a short string nor a whole number')
  return { kind: 'request', id, method, params, whole }
}

function response(whole: Readonly<Record<string, unknown>>, id: unknown): Message {
  if (Object.hasOwn(whole, 'result') && Object.hasOwn(whole, 'error')) {
    return invalid(whole, isRequestId(id) ? id : null, 'it is a result and an error at once')
  }
  // JSON-RPC 2.0 §5: an error about a message whose id could not be read has none, or null.
  if (id === undefined || id === null) {
    return Object.hasOwn(whole, 'error')
      ? { kind: 'response', id: null, whole }
      : invalid(whole, null, 'it is the result of nothing')
  }
  return isRequestId(id) ? { kind: 'response', id, whole } : invalid(whole, null, '`id` is no id of a request')
}

function invalid(whole: unknown, id: RequestId | null, why: string): Message {
  return { kind: 'invalid', id, why: `invalid request: ${why}`, whole }
}

// Ids are kept while their requests are open, and longer: a client must not fill the memory with them.
const MAX_ID_LENGTH = 1_024

/** True for ids that every reader takes for the same: beyond 2^53 numbers run together. */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' ? value.length <= MAX_ID_LENGTH : Number.isSafeInteger(value)
}

/** An id with its type, for `1` and `"1"` are two. */
export function idKey(id: RequestId): string {
  return `${typeof id === 'number' ? 'n' : 's'}:${String(id)}`
}

/** The member of an object, where it is one that has it by itself. */
export function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined
}
