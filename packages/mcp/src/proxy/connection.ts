import type { ActionRuntime } from '@capfence/core'
import type { McpOptions } from '../gate/mcp-options.ts'
import { messageGate } from '../gate/message-gate.ts'
import type { RequestId } from '../gate/message.ts'
import {
  type Back,
  type Message,
  type OpenBack,
  type Received,
  answeredId,
  cancelledId,
  lostAnswer,
  requestId,
} from './back.ts'
import { TOO_MANY, openAnswers, room } from './open-answers.ts'

/** What every proxy needs: who judges, how, and where the server is. */
export interface ProxyOptions {
  readonly runtime: ActionRuntime
  readonly gate: McpOptions
  readonly openBack: OpenBack
  /** What the client presented, where that is to be handed on. */
  readonly authorization?: string | undefined
  /** Tells a person what goes wrong; never a protocol message. */
  readonly say: (text: string) => void
}

/** The client's side of one connection. */
export interface Front {
  /** Hands a message to the client; resolves when the client has room for more. */
  readonly toClient: (message: Message, received: Received) => Promise<void>
  /** The server is gone for good. */
  readonly closed: (why: string) => void
}

/** One client and one server, with the gate between them. */
export interface Connection {
  /**
   * Takes a message of the client's, of so many bytes. Resolves when the next may come: not when it is answered, but
   * later where the server or the client does not read what it is sent.
   */
  readonly fromClient: (message: unknown, sizeBytes: number) => Promise<void>
  /** Hands a message to the client that is the proxy's own. */
  readonly tell: (message: object) => Promise<void>
  /** Resolves when everything that was asked is answered. */
  readonly settled: () => Promise<void>
  /** Resolves when the server is gone and all is on the record. */
  readonly close: () => Promise<void>
}

/** Opens the server's side and puts the gate before it. Rejects where there is no server to be had. */
export async function openConnection(options: ProxyOptions, front: Front): Promise<Connection> {
  const { runtime, gate: gateOptions, openBack, say } = options
  const open = openAnswers()
  // What was given up needs no answer, but costs until it is on the record.
  const working = room()
  // The newest message in each direction: until there is room for it, nothing more is taken from the other side.
  let sent: Promise<void> = Promise.resolve()
  let told: Promise<void> = Promise.resolve()
  const hand = (message: unknown, extra?: unknown): Promise<void> => {
    const answered = answeredId(message as Message) // an object: what the gate hands on, or answers itself
    if (answered !== undefined) open.end(answered)
    told = front.toClient(message as Message, extra ?? {})
    return told
  }
  let back: Back | undefined = undefined
  const gate = messageGate(runtime, gateOptions, {
    toClient: hand,
    toServer: (message) => {
      if (back === undefined) throw new Error('there is no server')
      const sending = back.send(message as Message) // as the gate gives it
      sent = sending.catch(() => undefined) // the gate answers that
      return sending
    },
    onFault: (cause) => {
      say(`a message could not be handed on: ${cause instanceof Error ? cause.message : String(cause)}`)
    },
  })
  back = await openBack(
    {
      message: (message, received) => {
        // Answers to calls wait for their record: what follows them need not.
        void gate.fromServer(message, received)
        return told
      },
      say,
      closed: front.closed,
    },
    options.authorization,
  )

  // Past `open`: another request with this id may stand there.
  const refuse = (id: RequestId): Promise<void> => {
    told = front.toClient(lostAnswer(id, TOO_MANY), {})
    return told
  }

  const take = (message: unknown, id: RequestId, sizeBytes: number): Promise<void> => {
    if (!working.take(sizeBytes)) return refuse(id)
    const isOpen = open.begin(id, sizeBytes)
    if (isOpen) void gate.fromClient(message).then(() => working.give(sizeBytes))
    else working.give(sizeBytes)
    return isOpen ? sent : refuse(id)
  }
  const takeUncounted = async (message: unknown): Promise<void> => {
    const cancelled = cancelledId(message)
    if (cancelled !== undefined) open.forget(cancelled) // it need not be answered
    // Nothing counts these, so the next one waits for them.
    await gate.fromClient(message)
    await sent
  }

  return {
    fromClient: (message, sizeBytes) => {
      const id = idOf(message)
      return id === undefined ? takeUncounted(message) : take(message, id, sizeBytes)
    },
    settled: open.settled,
    tell: hand,
    close: async () => {
      await gate.close()
      await back.close()
    },
  }
}

function idOf(message: unknown): RequestId | undefined {
  return typeof message === 'object' && message !== null ? requestId(message as Message) : undefined // an object
}
