import { isUtf8 } from 'node:buffer'
import { type Readable, finished } from 'node:stream'
import { byteBuffer } from './byte-buffer.ts'

/** One line of a stream, or why there is none to judge. */
export type Line = { readonly text: string } | { readonly problem: 'too_long' | 'not_utf8' }

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Hands over the lines of a stream of bytes, one at a time: the next one when what `take` promised is done, and no more
 * is read than that waits for. What is longer than `maxBytes` is passed over unread, up to its own newline, so that the
 * next line is whole again. A last piece without a newline is no line: the sender went away in the middle of it.
 * Resolves when the stream ended and all of it is taken. Rejects, and takes no further line, where it breaks off, or with
 * what `take` throws.
 */
export function takeLines(stream: Readable, maxBytes: number, take: (line: Line) => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const lines = lineCutter(maxBytes)
  let isTaking = false
  let hasEnded = false
  let isBroken = false
  const giveUp = (cause: unknown): void => {
    isBroken = true
    reject(cause)
    stream.destroy()
  }
  const takeNext = (): void => {
    isTaking = false
    if (isBroken) return
    try {
      const line = lines.next()
      if (line !== undefined) {
        isTaking = true
        take(line).then(takeNext, giveUp)
      } else if (hasEnded) resolve(undefined)
      else if (stream.isPaused()) stream.resume()
    } catch (cause) {
      giveUp(cause)
    }
  }
  // No events and promises of a stream's own iterator: of a proxy that sleeps between two lines they are a good part.
  stream.on('data', (chunk: Buffer) => {
    lines.add(chunk)
    // Not before: to stop reading for each line, and to begin again, costs more than to hold what comes meanwhile.
    if (isTaking) stream.pause()
    else takeNext()
  })
  finished(stream, { writable: false }, (cause) => {
    hasEnded = true
    if (cause) giveUp(cause)
    else if (!isTaking) takeNext()
  })
  return promise
}

/** As `takeLines`, for streams that are iterated: no faster than the lines are asked for. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  const lines = lineCutter(maxBytes)
  for await (const { buffer, byteOffset, byteLength } of stream) {
    lines.add(Buffer.from(buffer, byteOffset, byteLength))
    for (let line = lines.next(); line !== undefined; line = lines.next()) yield line
  }
}

interface LineCutter {
  readonly add: (bytes: Buffer) => void
  /** Undefined until more bytes come. */
  readonly next: () => Line | undefined
}

const NONE = Buffer.alloc(0)

function lineCutter(maxBytes: number): LineCutter {
  let chunk: Buffer = NONE
  let from = 0
  /** The beginning of a line that stood at the end of a chunk. */
  const held = byteBuffer()
  let heldBytes = 0
  const hold = (bytes: Uint8Array): void => {
    heldBytes += bytes.length
    // Counted on, but kept no longer: a line of any length costs no more than `maxBytes`.
    if (heldBytes > maxBytes) held.take()
    else held.add(bytes)
  }
  const endHeld = (): Line => {
    const bytes = held.take()
    const isTooLong = heldBytes > maxBytes
    heldBytes = 0
    return isTooLong ? { problem: 'too_long' } : decoded(bytes, 0, bytes.length)
  }
  return {
    add: (bytes) => {
      chunk = from < chunk.length ? Buffer.concat([chunk.subarray(from), bytes]) : bytes
      from = 0
    },
    next: () => {
      const start = from
      const end = chunk.indexOf(NEWLINE, start)
      if (end === -1) {
        if (start < chunk.length) hold(chunk.subarray(start))
        chunk = NONE
        from = 0
        return undefined
      }
      from = end + 1
      if (heldBytes > 0) {
        hold(chunk.subarray(start, end))
        return endHeld()
      }
      return end - start > maxBytes ? { problem: 'too_long' } : decoded(chunk, start, end)
    },
  }
}

// Strict: a byte that is no UTF-8 would be judged as one text and read by the server as another.
function decoded(bytes: Buffer, start: number, newline: number): Line {
  const end = newline > start && bytes[newline - 1] === CARRIAGE_RETURN ? newline - 1 : newline
  const text = bytes.toString('utf8', start, end)
  // Whatever is no UTF-8 is read as U+FFFD, which a sender may also mean.
  return text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end)) ? { problem: 'not_utf8' } : { text }
}
