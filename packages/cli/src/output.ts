import type { Writable } from 'node:stream'
import picocolors from 'picocolors'

/** Colours, or the same functions doing nothing. */
type Paint = ReturnType<typeof picocolors.createColors>

/** One of the two streams a command talks to. */
export interface Output {
  readonly paint: Paint
  /** True once the reader went away (`| head`); what is written then is dropped. */
  readonly closed: boolean
  /** Writes text as it is, waiting where the reader is slow. */
  write(text: string): Promise<void>
  /** What broke the stream, other than a reader that went away. */
  readonly failure: Error | undefined
}

/** The streams of one run of a command. */
export interface Terminal {
  readonly out: Output
  readonly err: Output
}

/** The streams of this process. */
export function processTerminal(): Terminal {
  return { out: streamOutput(process.stdout), err: streamOutput(process.stderr) }
}

function streamOutput(stream: Writable & { readonly isTTY?: boolean }): Output {
  let closed = false
  let failure: Error | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    closed = true
    if (error.code !== 'EPIPE') failure = error
  })
  return {
    paint: picocolors.createColors(wantsColour(stream.isTTY === true)),
    get closed() {
      return closed
    },
    get failure() {
      return failure
    },
    write: (text) =>
      new Promise((resolve) => {
        // The callback comes after the bytes were handed on, also where that failed; the error event has the reason.
        if (closed) resolve()
        else
          stream.write(text, () => {
            resolve()
          })
      }),
  }
}

// https://no-color.org: present and not empty.
function wantsColour(isTerminal: boolean): boolean {
  const { NO_COLOR, TERM } = process.env
  return isTerminal && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'
}
