/** A transport as the tests see it: messages are what they are. */
export interface Wire {
  start(): Promise<void>
  send(message: unknown, options?: unknown): Promise<void>
  close(): Promise<void>
  onmessage?: ((message: never, extra?: never) => void) | undefined
  onclose?: (() => void) | undefined
  onerror?: ((error: Error) => void) | undefined
}

interface Rpc {
  readonly id?: string | number
  readonly method?: string
  readonly params?: {
    readonly name?: string
    readonly requestId?: string | number
    readonly _meta?: Record<string, unknown>
  }
}

/** Under this key of its `_meta` a call says the JSON-RPC id that it is to be sent with. */
export const CALL_ID = 'test/call-id'

/** The same transport for another kind of client: one that gives its calls the ids that it likes, and not 0, 1, 2. */
export function namedCalls(inner: Wire): Wire {
  const ownIds = new Map<string | number, string | number>()
  const sentIds = new Map<string | number, string | number>()
  let receive: Wire['onmessage']
  const send = (message: unknown, options?: unknown): Promise<void> => inner.send(outgoing(message as Rpc), options)
  inner.onmessage = (message: Rpc, extra?: never) => {
    const ownId = message.method === undefined && message.id !== undefined ? ownIds.get(message.id) : undefined
    receive?.((ownId === undefined ? message : { ...message, id: ownId }) as never, extra)
  }
  return new Proxy(inner, {
    get: (target, key): unknown => {
      if (key === 'send') return send
      if (key === 'onmessage') return receive
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
    set: (target, key, value: Wire['onmessage']) => {
      if (key !== 'onmessage') return Reflect.set(target, key, value, target)
      receive = value
      return true
    },
  })

  function outgoing(message: Rpc): Rpc {
    return message.method === 'notifications/cancelled' ? cancelling(message) : named(message)
  }

  function cancelling(message: Rpc): Rpc {
    const given = message.params?.requestId
    const requestId = given === undefined ? given : (sentIds.get(given) ?? given)
    return { ...message, params: { ...message.params, ...(requestId === undefined ? {} : { requestId }) } }
  }

  function named(message: Rpc): Rpc {
    const { id, params } = message
    const { [CALL_ID]: name, ...meta } = params?._meta ?? {}
    if (id === undefined || typeof name !== 'string') return message
    ownIds.set(name, id)
    sentIds.set(id, name)
    return { ...message, id: name, params: { ...params, _meta: meta } }
  }
}
