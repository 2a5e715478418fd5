import type { RequestId } from '../gate/message.ts'
import { type BackEvents, type Received, answeredId } from './back.ts'
import { type HttpAnswer, bodyOf } from './http-request.ts'
import { readStream } from './http-stream.ts'
import type { HttpServerOptions, HttpWire } from './http-wire.ts'
import { readText } from './message-text.ts'

/** A connection to a server over HTTP. */
export interface HttpConnection {
  readonly options: HttpServerOptions
  readonly events: BackEvents
  readonly wire: HttpWire
}

/** Hands on what a server answered to a request. False where the answer itself was not in it. */
export async function takeAnswer(
  connection: HttpConnection,
  { id, answer }: { readonly id: RequestId; readonly answer: HttpAnswer },
  signal: AbortSignal,
): Promise<boolean> {
  const { options, wire } = connection
  if (!isStream(answer)) {
    const text = (await bodyOf(answer.body, options.maxMessageBytes)).toString('utf8')
    return isJson(answer) && (await handOn(connection, text, { about: id, status: answer.status }))
  }
  return await readStream(answer, {
    maxMessageBytes: options.maxMessageBytes,
    signal,
    isEndless: false,
    take: (text) => handOn(connection, text, { about: id }),
    resume: async (lastEventId) => {
      const again = await wire.listen(lastEventId, signal)
      return isStream(again) ? again : undefined
    },
  })
}

/** Hands on what a server says of itself, for as long as it has a stream for that. */
export async function listenOn(connection: HttpConnection, signal: AbortSignal): Promise<void> {
  const open = async (lastEventId: string | undefined): Promise<HttpAnswer | undefined> => {
    const answer = await connection.wire.listen(lastEventId, signal)
    if (isStream(answer)) return answer
    answer.body.destroy() // a server need not have one
    return undefined
  }
  const first = await open(undefined)
  if (first === undefined) return
  const take = (text: string): Promise<boolean> => handOn(connection, text, { isUnrelated: true })
  const { maxMessageBytes } = connection.options
  await readStream(first, { maxMessageBytes, signal, isEndless: true, take, resume: open })
}

async function handOn({ options, events, wire }: HttpConnection, text: string, received: Received): Promise<boolean> {
  const read = readText(text, options.maxMessageBytes)
  if (read.kind === 'unreadable') {
    events.say(`the server sent ${read.what}`)
    return false
  }
  const { message } = read
  wire.note(message)
  await events.message(message, received)
  return received.about !== undefined && answeredId(message) === received.about
}

function isStream(answer: HttpAnswer): boolean {
  return answer.status === 200 && mediaType(answer) === 'text/event-stream'
}

function isJson(answer: HttpAnswer): boolean {
  return mediaType(answer) === 'application/json'
}

function mediaType({ header }: HttpAnswer): string {
  return (header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}
