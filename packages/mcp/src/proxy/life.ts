import type { RequestId } from '../gate/message.ts'
import { type Message, answeredId, lostAnswer } from './back.ts'
import { type Child, type Command, startChild } from './child.ts'
import type { Line } from './lines.ts'
import { type Unreadable, readLine } from './message-text.ts'

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
  /** Hands a message on; the next line is not read before. */
  readonly receive: (message: Message) => Promise<void>
  readonly say: (text: string) => void
}

/** Starts a server and reads from it until it ends. Rejects where it does not start. */
export async function beginLife(options: LifeOptions): Promise<Life> {
  const child = await startChild(options.command, options.maxMessageBytes)
  const pending = new Set<RequestId>()
  const awaited = new Map<RequestId, (answer: Message) => void>()
  const receive = (message: Message): Promise<void> => {
    const id = answeredId(message)
    if (id === undefined) return options.receive(message)
    pending.delete(id)
    const answer = awaited.get(id)
    if (answer === undefined) return options.receive(message)
    awaited.delete(id)
    answer(message)
    return Promise.resolve()
  }
  // What cannot be read may have been an answer: nobody is left to wait for it.
  const giveUp = async ({ what, answers, isCut }: Unreadable): Promise<void> => {
    options.say(`the server sent ${what}`)
    const unanswered = isCut ? [...pending] : [answers].filter((id) => id !== undefined)
    for (const id of unanswered)
      await receive(lostAnswer(id, `the MCP server sent ${what}; it may have been the answer`))
  }
  const take = (line: Line): Promise<void> => {
    const read = readLine(line, options.maxMessageBytes)
    if (read === undefined) return Promise.resolve()
    return read.kind === 'message' ? receive(read.message) : giveUp(read)
  }
  const live = async (): Promise<string> => {
    try {
      await child.takeLines(take)
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
