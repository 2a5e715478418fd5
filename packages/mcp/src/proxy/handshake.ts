import { type Message, type RequestId, requestId } from './back.ts'

/** How a session began, so that it can begin again with a server that was started anew. */
export interface Handshake {
  /** Looks at what the client sends. */
  readonly note: (message: Message) => void
  /** What to send first, and what to send when that is answered; undefined where the session has not begun. */
  readonly replay: (id: RequestId) => { readonly first: Message; readonly then: Message | undefined } | undefined
}

/** Remembers the two messages by which a session of MCP begins. */
export function handshake(): Handshake {
  let initialize: Message | undefined
  let initialized: Message | undefined
  return {
    note: (message) => {
      if (message['method'] === 'initialize' && requestId(message) !== undefined) initialize = message
      if (message['method'] === 'notifications/initialized') initialized = message
    },
    replay: (id) => (initialize === undefined ? undefined : { first: { ...initialize, id }, then: initialized }),
  }
}
