import { type RequestId, idKey } from '../gate/message.ts'

/** What a client is told that asks faster than it is answered. */
export const TOO_MANY = 'too many requests are open at once; try again when some of them are answered'

const MAX_OPEN = 1_024
const MAX_OPEN_BYTES = 64 * 1024 * 1024

/** The answers that a client waits for. */
interface OpenAnswers {
  /** False where there are too many: such a client must not fill the memory, nor may it wait, for others wait for it. */
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
  const sizesById = new Map<string, number[]>()
  let count = 0
  let openBytes = 0
  let waiting: (() => void)[] = []
  const close = (sizes: readonly number[]): void => {
    count -= sizes.length
    openBytes -= sizes.reduce((sum, size) => sum + size, 0)
    if (count > 0) return
    for (const wake of waiting) wake()
    waiting = []
  }
  return {
    begin: (id, sizeBytes) => {
      if (count >= MAX_OPEN || openBytes + sizeBytes > MAX_OPEN_BYTES) return false
      count += 1
      openBytes += sizeBytes
      const sizes = sizesById.get(idKey(id))
      if (sizes === undefined) sizesById.set(idKey(id), [sizeBytes])
      else sizes.push(sizeBytes)
      return true
    },
    end: (id) => {
      const sizes = sizesById.get(idKey(id))
      const last = sizes?.pop()
      if (sizes?.length === 0) sizesById.delete(idKey(id))
      if (last !== undefined) close([last])
    },
    forget: (id) => {
      const sizes = sizesById.get(idKey(id))
      sizesById.delete(idKey(id))
      if (sizes !== undefined) close(sizes)
    },
    settled: async () => {
      if (count === 0) return
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    },
  }
}
