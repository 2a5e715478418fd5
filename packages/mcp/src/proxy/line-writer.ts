import type { Writable } from 'node:stream'

/** Writes messages as lines. */
export interface LineWriter {
  /** Resolves when there is room for more; at once, and to no effect, where the reader is gone. */
  readonly write: (message: unknown) => Promise<void>
  /** Says that nothing more comes. */
  readonly end: () => void
}

/** Writes each message as one line of JSON, and waits where the reader is slow. */
export function lineWriter(stream: Writable): LineWriter {
  const { send, isGone } = slowWriter(stream)
  return {
    write: (message) => send(`${JSON.stringify(message)}\n`),
    end: () => {
      if (!isGone()) stream.end()
    },
  }
}

/** Writes texts in the order in which they come; each promise resolves when there is room, or the reader is gone. */
export function slowWriter(stream: Writable): {
  readonly send: (text: string) => Promise<void>
  readonly isGone: () => boolean
} {
  let isGone = false
  let wake: (() => void) | undefined
  let room: Promise<void> = Promise.resolve()
  const go = (): void => {
    wake?.()
  }
  const leave = (): void => {
    isGone = true
    go()
  }
  stream.on('drain', go)
  // A pipe that breaks is a reader that left: who runs the connection learns of that from its other half.
  stream.on('error', leave)
  stream.on('close', leave)
  const write = async (text: string): Promise<void> => {
    if (isGone || stream.write(text)) return
    await new Promise<void>((resolve) => {
      wake = resolve
    })
    wake = undefined
  }
  return {
    isGone: () => isGone,
    send: (text) => {
      room = room.then(() => write(text))
      return room
    },
  }
}
