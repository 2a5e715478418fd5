import type { HttpAnswer } from './http-request.ts'
import { eventsOf } from './sse.ts'
import { waitFor } from './time.ts'

/** How to read a stream that may break off. */
export interface StreamOptions {
  readonly maxMessageBytes: number
  readonly signal: AbortSignal
  /** Goes on behind an event; undefined where the server offers no such thing. */
  readonly resume: (lastEventId: string | undefined) => Promise<HttpAnswer | undefined>
  /** Takes the text of an event; true when nothing more is wanted. */
  readonly take: (text: string) => Promise<boolean>
  /** Whether to go on where nothing says behind what. */
  readonly isEndless: boolean
}

const DEFAULT_RETRY_MS = 1_000
const MAX_RETRY_MS = 30_000
const MAX_RETRIES = 5

/** Reads a stream of events, over as many connections as it takes. False where it broke off for good. */
export async function readStream(first: HttpAnswer, options: StreamOptions): Promise<boolean> {
  let lastEventId: string | undefined
  let retryMs = DEFAULT_RETRY_MS
  let failures = 0
  for (let answer: HttpAnswer | undefined = first; answer !== undefined; ) {
    try {
      for await (const event of eventsOf(answer.body, options.maxMessageBytes)) {
        lastEventId = event.id ?? lastEventId
        retryMs = Math.min(event.retryMs ?? retryMs, MAX_RETRY_MS)
        failures = 0
        if (event.data.trim() !== '' && (await options.take(event.data))) return true
      }
    } catch (cause) {
      if (options.signal.aborted || !isBroken(cause)) throw cause
    }
    failures += 1
    if (failures > MAX_RETRIES || (lastEventId === undefined && !options.isEndless)) return false
    await waitFor(retryMs, options.signal)
    answer = options.signal.aborted ? undefined : await options.resume(lastEventId)
  }
  return false
}

// A connection that is cut off is one more end of the stream; what cannot be read is not.
function isBroken(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
}
