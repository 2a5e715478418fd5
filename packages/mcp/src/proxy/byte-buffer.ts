/** Bytes that come in parts. */
export interface ByteBuffer {
  readonly add: (part: Uint8Array) => void
  /** All of them; then there are none. */
  readonly take: () => Buffer
}

const NONE = Buffer.alloc(0)

/** None yet. It costs no more than twice the bytes, however small the parts: a part of one byte must not cost a hundred. */
export function byteBuffer(): ByteBuffer {
  let held = NONE
  let sizeBytes = 0
  return {
    add: (part) => {
      const wanted = sizeBytes + part.length
      if (wanted > held.length) {
        const larger = Buffer.allocUnsafe(Math.max(wanted, held.length * 2))
        larger.set(held.subarray(0, sizeBytes))
        held = larger
      }
      held.set(part, sizeBytes)
      sizeBytes = wanted
    },
    take: () => {
      const all = held.subarray(0, sizeBytes)
      held = NONE
      sizeBytes = 0
      return all
    },
  }
}
