import { type RequestId, idKey, own } from '../gate/message.ts'
import { type Message, type Received, answeredId, cancelledId, lostAnswer, requestId } from './back.ts'
import { type Connection, type ProxyOptions, openConnection } from './connection.ts'
import type { Reply } from './http-reply.ts'

/** One client's connection, spread over many requests of HTTP. */
export interface HttpSession {
  /** Takes a request, whose answer goes to `to`. */
  readonly ask: (message: Message, sizeBytes: number, to: Reply) => Promise<void>
  /** Takes a message that nobody answers. */
  readonly tell: (message: Message, sizeBytes: number) => Promise<void>
  /** Whether there is a stream for what belongs to no request. */
  readonly isListened: () => boolean
  /** Sends what belongs to no request there. */
  readonly listen: (to: Reply) => void
  /** Whether a request with that id is under way. */
  readonly isAsked: (id: RequestId) => boolean
  readonly isIdle: () => boolean
  readonly close: () => Promise<void>
}

interface Asked {
  readonly to: Reply
  readonly progressToken: unknown
}

const MAX_WAITING = 64

/** Opens a connection. Rejects where there is no server to be had. */
export async function openSession(options: ProxyOptions, closed: (why: string) => void): Promise<HttpSession> {
  const asked = new Map<string, Asked>()
  const waiting: Message[] = []
  let listener: Reply | undefined

  // Where the transport to the server does not say what a message belongs to, the newest request is the best guess.
  const placeOf = (message: Message, { about, isUnrelated }: Received): Reply | undefined => {
    const byId = about === undefined ? undefined : asked.get(idKey(about))?.to
    const related = [byId, byProgress(message), isUnrelated === true ? undefined : [...asked.values()].at(-1)?.to]
    return [...related, listener].find((place) => place?.isOpen() === true)
  }
  const byProgress = (message: Message): Reply | undefined => {
    const token = message['method'] === 'notifications/progress' ? own(message['params'], 'progressToken') : undefined
    return token === undefined ? undefined : [...asked.values()].find((one) => one.progressToken === token)?.to
  }
  const answer = async (id: RequestId, message: Message, received: Received): Promise<void> => {
    const found = asked.get(idKey(id))
    asked.delete(idKey(id))
    await found?.to.finish(message, received.status === 400 ? 400 : 200)
  }
  const toClient = async (message: Message, received: Received): Promise<void> => {
    const id = answeredId(message)
    if (id !== undefined) return await answer(id, message, received)
    const place = placeOf(message, received)
    if (place !== undefined) return await place.send(message)
    if (waiting.length < MAX_WAITING) waiting.push(message)
    else {
      options.say('the client listens to nothing; a message of the server is dropped')
      const unheard = requestId(message)
      if (unheard !== undefined) await connection.fromClient(lostAnswer(unheard, 'the client listens to nothing'), 0)
    }
    return undefined
  }
  const connection: Connection = await openConnection(options, { toClient, closed })

  return {
    ask: async (message, sizeBytes, to) => {
      const id = requestId(message)
      if (id === undefined) throw new Error('it is no request')
      asked.set(idKey(id), { to, progressToken: own(own(message['params'], '_meta'), 'progressToken') })
      for (const early of waiting.splice(0)) void to.send(early)
      await connection.fromClient(message, sizeBytes)
    },
    tell: async (message, sizeBytes) => {
      await connection.fromClient(message, sizeBytes)
      // What was given up is not answered.
      const given = cancelledId(message)
      if (given === undefined) return
      asked.get(idKey(given))?.to.end()
      asked.delete(idKey(given))
    },
    listen: (to) => {
      listener = to
      for (const early of waiting.splice(0)) void to.send(early)
    },
    isListened: () => listener?.isOpen() === true,
    isAsked: (id) => asked.has(idKey(id)),
    // An answer that nobody waits for any more keeps no session alive.
    isIdle: () => ![...asked.values()].some(({ to }) => to.isOpen()) && listener?.isOpen() !== true,
    close: async () => {
      const open = [...[...asked.values()].map(({ to }) => to), listener].filter((to) => to !== undefined)
      // A client that does not read must not keep its server from ending.
      for (const to of open) to.release()
      await connection.close()
      for (const to of open) to.end()
    },
  }
}
