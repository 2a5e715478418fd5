import { hash } from 'node:crypto'
import { sha256 } from '../kernel/digest.ts'

// RFC 6962 §2.1: leaves and inner nodes are hashed under different prefixes, so that one cannot pass for the other.
const LEAF = 0x00
const NODE = 0x01
const HASH_BYTES = 32

/** The hash of a leaf: SHA-256(0x00 ‖ data). A second part of the data may follow the first. */
export function leafHash(data: Uint8Array, more?: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + data.length + (more?.length ?? 0))
  input[0] = LEAF
  input.set(data, 1)
  if (more !== undefined) input.set(more, 1 + data.length)
  return digest(input)
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * HASH_BYTES)
  input[0] = NODE
  input.set(left, 1)
  input.set(right, 1 + HASH_BYTES)
  return digest(input)
}

/**
 * The frontier of a tree with one more leaf. A frontier holds the roots of the full subtrees, largest first: one for
 * each bit that is set in the tree's size, so a tree of any length is held in at most 53 hashes.
 */
export function appendLeaf(frontier: readonly Uint8Array[], size: number, leaf: Uint8Array): readonly Uint8Array[] {
  const roots = [...frontier]
  let root = leaf
  // Each low bit that is set is a full subtree as large as what we carry: the two become one.
  for (let left = size; left % 2 === 1; left = (left - 1) / 2) root = nodeHash(roots.pop() ?? root, root)
  roots.push(root)
  return roots
}

/** The root of the tree that a frontier stands for; SHA-256 of nothing where it is empty. */
export function frontierRoot(frontier: readonly Uint8Array[]): Uint8Array {
  if (frontier.length === 0) return sha256('')
  return frontier.reduceRight((right, left) => nodeHash(left, right))
}

/** How many roots the frontier of a tree has: the bits that are set in its size. */
export function frontierLength(size: number): number {
  let bits = 0
  for (let left = size; left > 0; left = Math.floor(left / 2)) bits += left % 2
  return bits
}

/** A small tree, held whole. */
export interface CommitTree {
  readonly root: Uint8Array
  /** For each leaf its inclusion path, nearest sibling first (RFC 6962 §2.1.1). */
  readonly paths: readonly (readonly Uint8Array[])[]
}

/** The tree over the leaf hashes of one commit. A lone last node goes up a level as it is, which is RFC 6962's tree. */
export function commitTree(leaves: readonly Uint8Array[]): CommitTree {
  const paths: Uint8Array[][] = leaves.map(() => [])
  let level = leaves
  for (let width = 1; level.length > 1; width *= 2) {
    for (const [leaf, path] of paths.entries()) {
      const sibling = level[Math.floor(leaf / width) ^ 1]
      if (sibling !== undefined) path.push(sibling)
    }
    level = parents(level)
  }
  return { root: level[0] ?? sha256(''), paths }
}

/** The root that an inclusion path leads to, or undefined where the path cannot be one for that index and size. */
export function rootOfPath(
  leaf: Uint8Array,
  { index, size }: { readonly index: number; readonly size: number },
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index >= size) return undefined
  let root = leaf
  let used = 0
  // `last` is the index of the level's last node: where we are that one on an even place, there is no sibling.
  for (let node = index, last = size - 1; last > 0; node = Math.floor(node / 2), last = Math.floor(last / 2)) {
    if (node === last && node % 2 === 0) continue
    const sibling = path[used++]
    if (sibling === undefined) return undefined
    root = node % 2 === 1 ? nodeHash(sibling, root) : nodeHash(root, sibling)
  }
  return used === path.length ? root : undefined
}

function parents(level: readonly Uint8Array[]): readonly Uint8Array[] {
  const above: Uint8Array[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = [level[at], level[at + 1]]
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right))
  }
  return above
}

// By way of hex, which Node's one-shot answers fastest.
function digest(input: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', input, 'hex'), 'hex')
}
