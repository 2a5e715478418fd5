import { type Message, type RequestId, answeredId } from './back.ts'
import { type Child, type Command, startChild } from './child.ts'
import type { Line } from './lines.ts'

/** A server from its start to its end. */
export interface Life {
  readonly child: Child
  /** What it was asked and has not answered. */
  readonly pending: Set<RequestId>
  /** How it ended, when it has. */
  readonly over: Promise<string>
  /** Resolves with the answer to a request of the proxy's own, which nobody else gets to see. */
  readonly answerTo: (id: RequestId) => Promise<Message>
}

/** How a life is lived. */
export interface LifeOptions {
  readonly command: Command
  readonly maxMessageBytes: number
  /** The message in a line; undefined where there is none, and that was told. */
  readonly read: (line: Line) => Message | undefined
  /** Hands a message on; the next line is not read before. */
  readonly receive: (message: Message) => Promise<void>
  readonly say: (text: string) => void
}

/** Starts a server and reads from it until it ends. Rejects where it does not start. */
export async function beginLife(options: LifeOptions): Promise<Life> {
  const child = await startChild(options.command, options.maxMessageBytes)
  const pending = new Set<RequestId>()
  const awaited = new Map<RequestId, (answer: Message) => void>()
  const receive = async (message: Message): Promise<void> => {
    const id = answeredId(message)
    const take = id === undefined ? undefined : awaited.get(id)
    if (id !== undefined) pending.delete(id)
    if (take === undefined) await options.receive(message)
    else take(message)
  }
  const live = async (): Promise<string> => {
    try {
      for await (const line of child.lines) {
        const message = options.read(line)
        if (message !== undefined) await receive(message)
      }
    } catch (cause) {
      options.say(`cannot read from the server: ${String(cause)}`)
      await child.stop() // one that cannot be heard is no use
    }
    return (await child.ended).how
  }
  return {
    child,
    pending,
    over: live(),
    answerTo: (id) =>
      new Promise((resolve) => {
        awaited.set(id, resolve)
      }),
  }
}
