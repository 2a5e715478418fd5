import type { RequestId } from '../gate/message.ts'

/** What a client is told that asks faster than it is answered. */
export const TOO_MANY = 'too many requests are open at once; try again when some of them are answered'

const MAX_OPEN = 1_024
const MAX_OPEN_BYTES = 64 * 1024 * 1024

/** How much of a client's may be under way. */
interface Room {
  /** False where there is too much: such a client must not fill the memory, nor may it wait, for others wait for it. */
  readonly take: (sizeBytes: number) => boolean
  /** One of that size is done. */
  readonly give: (sizeBytes: number) => void
  readonly isEmpty: () => boolean
}

/** Nothing under way. */
export function room(): Room {
  let count = 0
  let openBytes = 0
  return {
    take: (sizeBytes) => {
      if (count >= MAX_OPEN || openBytes + sizeBytes > MAX_OPEN_BYTES) return false
      count += 1
      openBytes += sizeBytes
      return true
    },
    give: (sizeBytes) => {
      count -= 1
      openBytes -= sizeBytes
    },
    isEmpty: () => count === 0,
  }
}

/** The answers that a client waits for. */
interface OpenAnswers {
  /** False where there are too many. */
  readonly begin: (id: RequestId, sizeBytes: number) => boolean
  /** One request with this id, the newest, is answered. */
  readonly end: (id: RequestId) => void
  /** Whatever was asked with this id need not be answered. */
  readonly forget: (id: RequestId) => void
  /** Resolves when there are none. */
  readonly settled: () => Promise<void>
}

/** None yet. */
export function openAnswers(): OpenAnswers {
  /** Of an id that was used again all of them: each holds what it holds. */
  const sizesById = new Map<RequestId, number[]>()
  const open = room()
  let waiting: (() => void)[] = []
  const close = (sizeBytes: number): void => {
    open.give(sizeBytes)
    if (!open.isEmpty()) return
    for (const wake of waiting) wake()
    waiting = []
  }
  return {
    begin: (id, sizeBytes) => {
      if (!open.take(sizeBytes)) return false
      const sizes = sizesById.get(id)
      if (sizes === undefined) sizesById.set(id, [sizeBytes])
      else sizes.push(sizeBytes)
      return true
    },
    end: (id) => {
      const sizes = sizesById.get(id)
      const last = sizes?.pop()
      if (sizes?.length === 0) sizesById.delete(id)
      if (last !== undefined) close(last)
    },
    forget: (id) => {
      const sizes = sizesById.get(id)
      sizesById.delete(id)
      for (const size of sizes ?? []) close(size)
    },
    settled: async () => {
      if (open.isEmpty()) return
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    },
  }
}
