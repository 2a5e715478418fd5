import { type RequestId, isRequestId, own } from '../gate/message.ts'

/** A message of JSON-RPC, parsed. */
export type Message = Readonly<Record<string, unknown>>

/** What is known of a message beside what stands in it. */
export interface Received {
  /** The request on whose own stream it came, where the transport tells. */
  readonly about?: RequestId | undefined
  /** True where it came on a stream that belongs to no request. */
  readonly isUnrelated?: boolean | undefined
  /** The HTTP status of an answer that is an error. */
  readonly status?: number | undefined
}

/** What a server's side tells of. */
export interface BackEvents {
  /** A message came; nothing more is read of that stream until it is handed on. */
  readonly message: (message: Message, received: Received) => Promise<void>
  /** Something that a person should know. */
  readonly say: (text: string) => void
  /** It is over for good. */
  readonly closed: (why: string) => void
}

/** The server's side of one connection. */
export interface Back {
  /** Hands a message on; resolves when the server's side has room for more. */
  readonly send: (message: Message) => Promise<void>
  /** Ends it, and waits until it has ended. */
  readonly close: () => Promise<void>
}

/**
 * Opens the server's side of a connection. Rejects where there is none. `authorization` is what the client presented,
 * where that is to be handed on.
 */
export type OpenBack = (events: BackEvents, authorization?: string) => Promise<Back>

/** JSON-RPC: something failed in the server, and not in the request. */
const SERVER_LOST = -32_000

/** The answer to a request that the server can no longer answer. */
export function lostAnswer(id: RequestId, why: string): Message {
  return { jsonrpc: '2.0', id, error: { code: SERVER_LOST, message: why } }
}

/** The id of a request; undefined for every other message. */
export function requestId(message: Message): RequestId | undefined {
  return typeof message['method'] === 'string' ? idOf(message) : undefined
}

/** The id that an answer answers; undefined for every other message. */
export function answeredId(message: Message): RequestId | undefined {
  return 'method' in message ? undefined : idOf(message)
}

/** The request that a message gives up; undefined for every other message. */
export function cancelledId(message: unknown): RequestId | undefined {
  const id = own(message, 'method') === 'notifications/cancelled' ? own(own(message, 'params'), 'requestId') : undefined
  return isRequestId(id) ? id : undefined
}

function idOf({ id }: Message): RequestId | undefined {
  return isRequestId(id) ? id : undefined
}
