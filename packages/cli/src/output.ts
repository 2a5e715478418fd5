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
  /** Puts a question to the person at the terminal; undefined where none sits at both ends. */
  readonly ask: ((question: string) => Promise<string>) | undefined
}

/** The streams of this process. */
export function processTerminal(): Terminal {
  const isPerson = process.stdin.isTTY && process.stdout.isTTY
  return {
    out: streamOutput(process.stdout),
    err: streamOutput(process.stderr),
    ask: isPerson ? askTerminal : undefined,
  }
}

// A person who leaves (end of input, Ctrl-C) has said nothing.
async function askTerminal(question: string): Promise<string> {
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  return new Promise((resolve) => {
    lines.once('close', () => {
      resolve('')
    })
    lines.question(question, (answer) => {
      resolve(answer)
      lines.close()
    })
  })
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
