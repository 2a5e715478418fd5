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
  const place: Place = { lastEventId: undefined, retryMs: DEFAULT_RETRY_MS, failures: 0 }
  let answer: HttpAnswer | undefined = first
  while (answer !== undefined) {
    if (await readOn(answer, place, options)) return true
    place.failures += 1
    const canGoOn = options.isEndless || place.lastEventId !== undefined
    if (place.failures > MAX_RETRIES || !canGoOn) return false
    await waitFor(place.retryMs, options.signal)
    answer = options.signal.aborted ? undefined : await options.resume(place.lastEventId)
  }
  return false
}

interface Place {
  lastEventId: string | undefined
  retryMs: number
  /** Ends in a row without an event. */
  failures: number
}

// True when nothing more is wanted, false where this connection has no more.
async function readOn(answer: HttpAnswer, place: Place, options: StreamOptions): Promise<boolean> {
  try {
    for await (const event of eventsOf(answer.body, options.maxMessageBytes)) {
      place.lastEventId = event.id ?? place.lastEventId
      place.retryMs = Math.min(event.retryMs ?? place.retryMs, MAX_RETRY_MS)
      place.failures = 0
      if (event.data.trim() !== '' && (await options.take(event.data))) return true
    }
  } catch (cause) {
    if (options.signal.aborted || !isBroken(cause)) throw cause
  }
  return false
}

// A connection that is cut off is one more end of the stream; what cannot be read is not.
function isBroken(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
}
