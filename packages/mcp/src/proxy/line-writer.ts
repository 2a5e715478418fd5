import type { Writable } from 'node:stream'

/** Writes messages as lines. */
export interface LineWriter {
  /** Resolves when there is room for more; at once, and to no effect, where the reader is gone. */
  readonly write: (message: unknown) => Promise<void>
  /** Waits for the reader no longer: what was written is still handed on, while there is somebody to take it. */
  readonly release: () => void
  /** Says that nothing more comes. */
  readonly end: () => void
}

/** Writes each message as one line of JSON, and waits where the reader is slow. */
export function lineWriter(stream: Writable): LineWriter {
  const { send, isGone, release } = slowWriter(stream)
  return {
    write: (message) => send(`${JSON.stringify(message)}\n`),
    release,
    end: () => {
      if (!isGone()) stream.end()
    },
  }
}

const ROOM: Promise<void> = Promise.resolve()

/**
 * Writes texts in the order in which they come, at once where nothing waits; each promise resolves when there is room,
 * or the reader is gone.
 */
export function slowWriter(stream: Writable): SlowWriter {
  let isGone = false
  let isReleased = false
  let wake: (() => void) | undefined
  /** How many texts wait, or are written and wait for room. */
  let waiting = 0
  let room = ROOM
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
  const write = (text: string): Promise<void> => {
    if (isGone || stream.write(text) || isReleased) return ROOM
    return new Promise((resolve) => {
      wake = resolve
    })
  }
  const goOn = (): void => {
    wake = undefined
    waiting -= 1
  }
  return {
    isGone: () => isGone,
    release: () => {
      isReleased = true
      go()
    },
    send: (text) => {
      const written = waiting === 0 ? write(text) : room.then(() => write(text))
      if (written === ROOM) return ROOM
      waiting += 1
      room = written.then(goOn)
      return room
    },
  }
}

interface SlowWriter {
  readonly send: (text: string) => Promise<void>
  readonly isGone: () => boolean
  readonly release: () => void
}
