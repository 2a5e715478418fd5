import { type RequestId, idKey } from '../gate/message.ts'

/** What a client is told that asks faster than it is answered. */
export const TOO_MANY = 'too many requests are open at once; try again when some of them are answered'

const MAX_OPEN = 1_024
const MAX_OPEN_BYTES = 64 * 1024 * 1024

/** The answers that a client waits for. */
interface OpenAnswers {
  /** False where there are too many: such a client must not fill the memory, nor may it wait, for others wait for it. */
  readonly begin: (id: RequestId, sizeBytes: number) => boolean
  readonly end: (id: RequestId) => void
  /** Resolves when there are none. */
  readonly settled: () => Promise<void>
}

/** None yet. */
export function openAnswers(): OpenAnswers {
  const sizes = new Map<string, number>()
  let openBytes = 0
  let waiting: (() => void)[] = []
  return {
    begin: (id, sizeBytes) => {
      if (sizes.size >= MAX_OPEN || openBytes + sizeBytes > MAX_OPEN_BYTES) return false
      openBytes += sizeBytes - (sizes.get(idKey(id)) ?? 0)
      sizes.set(idKey(id), sizeBytes)
      return true
    },
    end: (id) => {
      openBytes -= sizes.get(idKey(id)) ?? 0
      sizes.delete(idKey(id))
      if (sizes.size > 0) return
      for (const wake of waiting) wake()
      waiting = []
    },
    settled: async () => {
      if (sizes.size === 0) return
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    },
  }
}
