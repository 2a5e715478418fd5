import { randomUUID } from 'node:crypto'
import type { RequestId } from '../gate/message.ts'
import { type Message, requestId } from './back.ts'

/** What to send so that a session begins again. */
interface Replay {
  readonly id: RequestId
  readonly first: Message
  /** What to send when the first one is answered. */
  readonly second: Message | undefined
}

/** How a session began, so that it can begin again with a server that knows nothing of it. */
export interface Handshake {
  /** Looks at what the client sends. */
  readonly note: (message: Message) => void
  /** Undefined where the session has not begun. */
  readonly replay: () => Replay | undefined
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
    replay: () => {
      if (initialize === undefined) return undefined
      // No client has it: its own answer would be taken for this one.
      const id = `capfence-replay-${randomUUID()}`
      return { id, first: { ...initialize, id }, second: initialized }
    },
  }
}
