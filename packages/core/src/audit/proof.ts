import { equalBytes } from '../kernel/bytes.ts'
import { frontierRoot, nodeHash, rootOfPath } from './merkle.ts'

/** Leaves `from` to `to` (exclusive), whose root stands in a proof. */
export interface Run {
  readonly from: number
  readonly to: number
}

/** The runs whose roots are the inclusion path of a leaf, nearest sibling first (RFC 6962 §2.1.1). */
export function inclusionRuns(index: number, size: number): readonly Run[] {
  const runs: Run[] = []
  let [from, to] = [0, size]
  while (to - from > 1) {
    const middle = from + leftSize(to - from)
    if (index < middle) {
      runs.push({ from: middle, to })
      to = middle
    } else {
      runs.push({ from, to: middle })
      from = middle
    }
  }
  return runs.toReversed()
}

/** The runs whose roots prove that a tree of `size` begins with one of `oldSize`, which is at least 1 (RFC 6962 §2.1.2). */
export function consistencyRuns(oldSize: number, size: number): readonly Run[] {
  const runs: Run[] = []
  let [from, to] = [0, size]
  while (oldSize < to) {
    const middle = from + leftSize(to - from)
    if (oldSize <= middle) {
      runs.push({ from: middle, to })
      to = middle
    } else {
      runs.push({ from, to: middle })
      from = middle
    }
  }
  // A run that begins the log is the old tree itself, whose root the verifier has.
  if (from > 0) runs.push({ from, to })
  return runs.toReversed()
}

/** A tree as a checkpoint names it. */
export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

/** Whether two frontiers are those of one tree. */
export function isSameFrontier(left: readonly Uint8Array[], right: readonly Uint8Array[]): boolean {
  return left.length === right.length && left.every((root, at) => equalBytes(root, right[at] ?? new Uint8Array()))
}

/** Whether a path proves that the leaf stands at an index of a tree (RFC 9162 §2.1.3.2). */
export function isIncluded(
  { leaf, index }: { readonly leaf: Uint8Array; readonly index: number },
  { size, root }: TreeHead,
  path: readonly Uint8Array[],
): boolean {
  const reached = rootOfPath(leaf, { index, size }, path)
  return reached !== undefined && equalBytes(reached, root)
}

/** Whether a path proves that one tree begins with another (RFC 9162 §2.1.4.2). Every tree begins with the empty one. */
export function isConsistent(old: TreeHead, tree: TreeHead, path: readonly Uint8Array[]): boolean {
  if (old.size === 0) return path.length === 0 && equalBytes(old.root, frontierRoot([]))
  if (old.size === tree.size) return path.length === 0 && equalBytes(old.root, tree.root)
  if (old.size > tree.size || path.length === 0) return false
  // Where the old tree is a full one, its root is the first hash of the proof, and left out.
  const hashes = isPowerOfTwo(old.size) ? [old.root, ...path] : path
  const roots = fold(hashes, { node: old.size - 1, last: tree.size - 1 })
  return roots !== undefined && equalBytes(roots.old, old.root) && equalBytes(roots.all, tree.root)
}

function fold(
  [first, ...rest]: readonly Uint8Array[],
  place: { readonly node: number; readonly last: number },
): { readonly old: Uint8Array; readonly all: Uint8Array } | undefined {
  if (first === undefined) return undefined
  let { node, last } = place
  const up = (): void => {
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  while (node % 2 === 1) up()
  let [old, all] = [first, first]
  for (const hash of rest) {
    if (last === 0) return undefined
    if (node % 2 === 1 || node === last) {
      old = nodeHash(hash, old)
      all = nodeHash(hash, all)
      while (node % 2 === 0 && node > 0) up()
    } else all = nodeHash(all, hash)
    up()
  }
  return last === 0 ? { old, all } : undefined
}

// The largest power of two below the number of leaves: how many of them stand on the left.
function leftSize(leaves: number): number {
  let half = 1
  while (half * 2 < leaves) half *= 2
  return half
}

function isPowerOfTwo(size: number): boolean {
  return leftSize(size + 1) === size
}
