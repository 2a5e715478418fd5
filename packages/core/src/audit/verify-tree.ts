import { sha256Into } from '../kernel/digest.ts'

const HASH_BYTES = 32
const LEAF = 0x00
const NODE = 0x01
/** A safe integer has 53 bits, and so many full subtrees at most. */
const MAX_LEVELS = 53

/** Writes hashes of RFC 6962 trees into buffers that are there already: for walks along millions of leaves. */
export interface TreeHasher {
  /** The hash of a leaf of one or two parts. */
  leaf(target: Buffer, data: Uint8Array, more?: Uint8Array): void
  /** The hash of an inner node. The target may be one of the two. */
  node(target: Buffer, left: Uint8Array, right: Uint8Array): void
}

/** A hasher with buffers of its own. */
export function treeHasher(): TreeHasher {
  const pair = Buffer.alloc(1 + 2 * HASH_BYTES)
  pair[0] = NODE
  let input = Buffer.alloc(1024)
  return {
    leaf: (target, data, more) => {
      const size = 1 + data.length + (more?.length ?? 0)
      if (size > input.length) input = Buffer.alloc(2 * size)
      input[0] = LEAF
      input.set(data, 1)
      if (more !== undefined) input.set(more, 1 + data.length)
      sha256Into(target, input.subarray(0, size))
    },
    node: (target, left, right) => {
      pair.set(left, 1)
      pair.set(right, 1 + HASH_BYTES)
      sha256Into(target, pair)
    },
  }
}

/** A log tree that grows leaf by leaf, in one buffer. */
export interface GrowingTree {
  /** Takes the next leaf: the hash over its one or two parts. */
  add(data: Uint8Array, more: Uint8Array): void
  /** The roots of the full subtrees, largest first, as `appendLeaf` has them. */
  frontier(): readonly Uint8Array[]
}

/** An empty tree. */
export function growingTree(hasher: TreeHasher): GrowingTree {
  const roots = Buffer.alloc((MAX_LEVELS + 1) * HASH_BYTES)
  const slots = Array.from({ length: MAX_LEVELS + 1 }, (_, at) =>
    roots.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  )
  const slot = (at: number): Buffer => slots[at] ?? roots
  let size = 0
  let count = 0
  return {
    add: (data, more) => {
      hasher.leaf(slot(count), data, more)
      // Each low bit that is set is a full subtree as large as the last: the two become one.
      for (let left = size; left % 2 === 1; left = (left - 1) / 2) {
        count--
        hasher.node(slot(count), slot(count), slot(count + 1))
      }
      count++
      size++
    },
    frontier: () => slots.slice(0, count).map((root) => new Uint8Array(root)),
  }
}
