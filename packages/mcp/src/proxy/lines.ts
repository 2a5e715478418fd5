import { byteBuffer } from './byte-buffer.ts'

/** One line of a stream, or why there is none to judge. */
export type Line = { readonly text: string } | { readonly problem: 'too_long' | 'not_utf8' }

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * The lines of a stream of bytes, one at a time and no faster than they are asked for. What is longer than `maxBytes` is
 * passed over unread, up to its own newline, so that the next line is whole again. A last piece without a newline is no
 * line: the sender went away in the middle of it.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  const line = lineBuffer(maxBytes)
  for await (const chunk of stream) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, at))
      from = at + 1
      yield line.end()
    }
    line.add(chunk.subarray(from))
  }
}

interface LineBuffer {
  readonly add: (bytes: Uint8Array) => void
  /** The line that ends here. */
  readonly end: () => Line
}

function lineBuffer(maxBytes: number): LineBuffer {
  const held = byteBuffer()
  let sizeBytes = 0
  return {
    add: (bytes) => {
      sizeBytes += bytes.length
      // Counted on, but kept no longer: a line of any length costs no more than `maxBytes`.
      if (sizeBytes > maxBytes) held.take()
      else held.add(bytes)
    },
    end: () => {
      const isTooLong = sizeBytes > maxBytes
      const bytes = held.take()
      sizeBytes = 0
      return isTooLong ? { problem: 'too_long' } : decoded(bytes)
    },
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

// Strict: a byte that is no UTF-8 would be judged as one text and read by the server as another.
function decoded(bytes: Uint8Array): Line {
  const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
  try {
    return { text: UTF8.decode(bytes.subarray(0, end)) }
  } catch {
    return { problem: 'not_utf8' }
  }
}
