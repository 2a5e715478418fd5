import type { Readable } from 'node:stream'

/** The longest line that is read, in bytes: an event of 1 MiB with every character escaped fits. */
export const MAX_LINE_BYTES: number = 4 * 1024 * 1024

/** One line of a stream: its number, from 1, and its text, or why it has none. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly problem: string }

const NEWLINE = 0x0a

/** The lines of a stream in bounded memory: strict UTF-8, split at `\n` alone, a byte order mark at the start dropped. */
export async function* lines(stream: Readable): AsyncGenerator<Line> {
  const pending = pendingLine()
  let number = 1
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      pending.add(chunk.subarray(from, end))
      yield pending.take(number)
      number += 1
      from = end + 1
    }
    pending.add(chunk.subarray(from))
  }
  if (pending.started()) yield pending.take(number)
}

interface PendingLine {
  add(bytes: Buffer): void
  started(): boolean
  take(number: number): Line
}

function pendingLine(): PendingLine {
  let parts: Buffer[] = []
  let size = 0
  return {
    add: (bytes) => {
      size += bytes.length
      if (size > MAX_LINE_BYTES) parts = []
      else parts.push(bytes)
    },
    started: () => size > 0,
    take: (number) => {
      const line = size > MAX_LINE_BYTES ? tooLong(number) : decode(Buffer.concat(parts), number)
      parts = []
      size = 0
      return line
    },
  }
}

function tooLong(number: number): Line {
  return { number, problem: `the line is longer than ${String(MAX_LINE_BYTES)} bytes` }
}

function decode(bytes: Buffer, number: number): Line {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: number !== 1 }).decode(bytes)
    return { number, text }
  } catch {
    return { number, problem: 'the line is not UTF-8' }
  }
}
