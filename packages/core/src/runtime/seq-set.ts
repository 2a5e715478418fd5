/** A set of records by seq: a bit each, so that a long trail fits. */
export interface SeqSet {
  /** True where it was not in the set before. */
  add(seq: number): boolean
}

/** An empty set. */
export function seqSet(): SeqSet {
  let bits = new Uint8Array(0)
  return {
    add: (seq) => {
      const at = seq >>> 3
      const bit = 1 << (seq & 7)
      if (at >= bits.length) {
        const longer = new Uint8Array(Math.max(1024, bits.length * 2, at + 1))
        longer.set(bits)
        bits = longer
      }
      const byte = bits[at] ?? 0
      bits[at] = byte | bit
      return (byte & bit) === 0
    },
  }
}
