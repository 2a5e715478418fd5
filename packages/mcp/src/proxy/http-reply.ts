import type { ServerResponse } from 'node:http'
import type { Message } from './back.ts'
import { slowWriter } from './line-writer.ts'
import { eventText } from './sse.ts'

/** The stream of events that answers one request of a client. */
export interface Reply {
  /** Sends a message; resolves when the client has room for more, or is gone. */
  readonly send: (message: Message) => Promise<void>
  /** Sends the message that is the answer, and ends. A status other than 200 only where nothing was sent before. */
  readonly finish: (message: Message, status?: number) => Promise<void>
  /** Ends without an answer. */
  readonly end: () => void
  /** Waits for the client no longer. */
  readonly release: () => void
  readonly isOpen: () => boolean
}

/** How to answer one request. */
export interface ReplyOptions {
  readonly headers: Readonly<Record<string, string>>
  /** How long to wait for an answer that may have a status of its own, before the stream begins. */
  readonly waitMs: number
  /** How long a client may leave unread what it was sent. */
  readonly stallMs: number
}

/** Answers with a stream of messages, whose end is the answer. */
export function reply(response: ServerResponse, options: ReplyOptions): Reply {
  const writer = slowWriter(response)
  let isStream = false
  let isOver = response.destroyed // who left already is told nothing
  const stream = (): void => {
    if (isStream || isOver) return
    isStream = true
    clearTimeout(timer)
    response.writeHead(200, {
      ...options.headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
  }
  const timer = setTimeout(stream, options.waitMs)
  response.once('close', () => {
    isOver = true
    clearTimeout(timer)
  })
  const write = async (text: string): Promise<void> => {
    const stalled = setTimeout(() => response.destroy(), options.stallMs)
    try {
      await writer.send(text)
    } finally {
      clearTimeout(stalled)
    }
  }
  return {
    send: async (message) => {
      if (isOver) return
      stream()
      await write(eventText(message))
    },
    finish: async (message, status = 200) => {
      if (isOver) return
      // As the servers of the SDK do it; a status of its own can only stand before anything else.
      if (status === 200) stream()
      if (isStream) await write(eventText(message))
      else response.writeHead(status, { ...options.headers, 'content-type': 'application/json' })
      isOver = true
      clearTimeout(timer)
      response.end(isStream ? undefined : JSON.stringify(message))
    },
    end: () => {
      if (isOver) return
      stream()
      isOver = true
      response.end()
    },
    release: writer.release,
    isOpen: () => !isOver,
  }
}
