import { type ActionRuntime, CapFenceError, refuseUngateable } from '@capfence/core'
import type { McpOptions } from './gate/mcp-options.ts'
import { type GatePeers, messageGate } from './gate/message-gate.ts'
import { readMessage } from './gate/message.ts'

/** What a transport of either SDK major, or of your own, has at least. */
export interface AnyTransport {
  start(): Promise<void>
  send(message: never, options?: never): Promise<void>
  close(): Promise<void>
  onmessage?: ((message: never, extra?: never) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
}

/** Marks what is guarded, also by a second installed copy of this package. */
const BRAND = Symbol.for('capfence.guarded')

type Handler = (message: unknown, extra?: unknown) => void

/** A transport as it is used here: its messages are the gate's to read. */
interface Wire {
  send(message: unknown, options?: unknown): Promise<void>
  close(): Promise<void>
  onmessage?: Handler | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
}

/**
 * The same transport behind the gate, of a server or of a client: what it receives and what it sends is judged before
 * it goes on. Connect with what this gives and keep the original to yourself. `TOOL_UNGATEABLE` where it is connected
 * already, for then messages go past.
 *
 * @example See the README of this package: its server is run by a test.
 */
export function guardTransport<Transport extends AnyTransport>(
  runtime: ActionRuntime,
  transport: Transport,
  options: McpOptions,
): Transport {
  const given = transport as unknown as Wire & Transport // read through `readMessage` alone
  if (Reflect.get(given, BRAND) === true) {
    throw new CapFenceError('OPTION_INVALID', 'the transport is guarded already; guard it once')
  }
  if (given.onmessage !== undefined) {
    refuseUngateable(options.server, 'its transport is connected already; guard it before', options.ungated)
    return transport
  }
  return proxied(given, between(runtime, given, options))
}

/** What a guarded transport does by itself; whatever else it has is the original's. */
interface Guarded {
  readonly send: (message: unknown, options?: unknown) => Promise<void>
  readonly close: () => Promise<void>
  /** What the SDK sets, in place of what the original holds. */
  readonly handlers: { onmessage?: Handler | undefined; onclose?: (() => void) | undefined }
}

function between(runtime: ActionRuntime, wire: Wire, options: McpOptions): Guarded {
  const handlers: Guarded['handlers'] = {}
  const outbox = sender(wire)
  const onFault = (cause: unknown): void => wire.onerror?.(cause instanceof Error ? cause : new Error(String(cause)))
  const receive: GatePeers['toServer'] = (message, extra) => handlers.onmessage?.(message, extra)
  // Whichever side this is, a request is judged where it enters: nobody has to say which side that is.
  const inward = messageGate(runtime, options, { toServer: receive, toClient: outbox.deliver, onFault })
  const outward = messageGate(runtime, options, { toServer: outbox.deliver, toClient: receive, onFault })
  const end = async (): Promise<void> => void (await Promise.all([inward.close(), outward.close()]))
  wire.onmessage = (message, extra) => {
    void (isAnswer(message) ? outward.fromServer(message, extra) : inward.fromClient(message, extra))
  }
  wire.onclose = () => {
    void end()
    handlers.onclose?.()
  }
  return {
    handlers,
    send: (message, extra) =>
      outbox.within(() => (isAnswer(message) ? inward.fromServer(message, extra) : outward.fromClient(message, extra))),
    close: async () => {
      const ended = end()
      await wire.close()
      await ended
    },
  }
}

/**
 * Sends, so that whoever sends what is not judged is told of a failure itself: an SDK reads there that it has to log
 * in. INVARIANT: a gate hands on what it does not judge before it awaits anything.
 */
function sender(wire: Wire): {
  readonly deliver: GatePeers['toClient']
  readonly within: (handIn: () => Promise<void>) => Promise<void>
} {
  let asked: { sent?: Promise<void> } | undefined
  return {
    deliver: (message, extra) => {
      const sent = wire.send(message, extra)
      if (asked === undefined) return sent
      asked.sent = sent
      return sent.catch(() => undefined) // whoever sends is told
    },
    within: async (handIn) => {
      const mine: { sent?: Promise<void> } = {}
      asked = mine
      try {
        void handIn()
      } finally {
        asked = undefined
      }
      await mine.sent
    },
  }
}

function isAnswer(message: unknown): boolean {
  return readMessage(message).kind === 'response'
}

function proxied<Transport extends object>(transport: Transport, { handlers, ...own }: Guarded): Transport {
  const isHandler = (key: PropertyKey): boolean => key === 'onmessage' || key === 'onclose'
  return new Proxy(transport, {
    get: (target, key): unknown => {
      if (key === BRAND) return true
      if (isHandler(key)) return Reflect.get(handlers, key)
      if (Object.hasOwn(own, key)) return Reflect.get(own, key)
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value // so that it finds its private parts
    },
    set: (target, key, value) =>
      isHandler(key) ? Reflect.set(handlers, key, value) : Reflect.set(target, key, value, target),
  })
}
