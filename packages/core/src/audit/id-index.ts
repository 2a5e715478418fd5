import { sha256Hex } from '../kernel/digest.ts'

/** Where each id stood last: 16 bytes an id, so that a long trail fits. Two ids may share a place; the caller looks. */
export interface IdIndex {
  /** Puts an id where it stands now; answers the record that it, or one that shares its place, stood in before. */
  put(id: string, seq: number): number | undefined
}

// 52 bits of the id's hash: what a double holds exactly, with 0 left for an empty slot.
const HASH_DIGITS = 13

/** An empty index. */
export function idIndex(): IdIndex {
  let keys = new Float64Array(1024)
  let seqs = new Float64Array(1024)
  let count = 0

  function slotOf(key: number, among: Float64Array): number {
    let slot = key % among.length
    while (among[slot] !== 0 && among[slot] !== key) slot = (slot + 1) % among.length
    return slot
  }

  function grow(): void {
    const longer = { keys: new Float64Array(keys.length * 2), seqs: new Float64Array(keys.length * 2) }
    for (const [slot, key] of keys.entries()) {
      if (key === 0) continue
      const moved = slotOf(key, longer.keys)
      longer.keys[moved] = key
      longer.seqs[moved] = seqs[slot] ?? 0
    }
    keys = longer.keys
    seqs = longer.seqs
  }

  return {
    put: (id, seq) => {
      const key = keyOf(id)
      let slot = slotOf(key, keys)
      const before = keys[slot] === key ? seqs[slot] : undefined
      if (before === undefined) {
        count += 1
        if (count * 2 > keys.length) {
          grow()
          slot = slotOf(key, keys)
        }
        keys[slot] = key
      }
      seqs[slot] = seq
      return before
    },
  }
}

function keyOf(id: string): number {
  return Number.parseInt(sha256Hex(id).slice(0, HASH_DIGITS), 16) + 1
}
