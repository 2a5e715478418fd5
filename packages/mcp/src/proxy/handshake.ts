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
  let replays = 0
  return {
    note: (message) => {
      if (message['method'] === 'initialize' && requestId(message) !== undefined) initialize = message
      if (message['method'] === 'notifications/initialized') initialized = message
    },
    replay: () => {
      if (initialize === undefined) return undefined
      replays += 1
      const id = `capfence-replay-${String(replays)}`
      return { id, first: { ...initialize, id }, second: initialized }
    },
  }
}
