import { equalBytes } from '../kernel/bytes.ts'
import { signedMessage } from './entry.ts'
import type { KeyRing } from './key-ring.ts'
import { leafHash, rootOfPath } from './merkle.ts'
import { parseRowSignature } from './row-signature.ts'
import type { TreeHasher } from './verify-tree.ts'

/** The rows of commits, one after another, held against the signatures that they carry. */
export interface CommitWalk {
  /** False where the last good row's commit has more records. */
  readonly isComplete: boolean
  /** Takes the next row; answers what is wrong with its signature, if anything. `key` is the id that its body names. */
  next(entry: Uint8Array, sig: Uint8Array, key: string): string | undefined
}

const HASH_BYTES = 32
const PATH_AT = 8
const SIGNATURE_BYTES = 64
/** Of a commit of 65,536. */
const MAX_LEVELS = 16

const NOT_TOGETHER = 'is not signed together with the rest of its commit'

/**
 * The walk under the keys of a ring. One signature serves all rows of a commit, and each node of its small tree is
 * hashed once: the first row's path proves the siblings on it, and each later row is held against what is proven. With
 * `deep`, each row's path and signature are computed and verified for themselves, as somebody would who has that row alone.
 */
export function commitWalk(keys: KeyRing, hasher: TreeHasher, isDeep: boolean): CommitWalk {
  let index = -1
  let size = 0
  let signer = ''
  let before: Uint8Array = new Uint8Array()
  // By level: the newest node on the left, and what stands to its right. Both are proven by the root.
  const lefts = levels()
  const rights = levels()
  const carried = Buffer.alloc(HASH_BYTES)

  function begin(entry: Uint8Array, sig: Uint8Array, key: string): string | undefined {
    const signature = parseRowSignature(sig)
    if (signature === undefined) return 'has no signature'
    hasher.leaf(at(lefts, 0), entry)
    let node = at(lefts, 0)
    let level = 0
    for (let last = signature.size - 1; last > 0; last = Math.floor(last / 2)) {
      const sibling = signature.path[level]
      if (sibling === undefined) return 'has a signature of the wrong length'
      at(rights, level).set(sibling)
      level++
      const above = at(lefts, level)
      hasher.node(above, node, sibling)
      node = above
    }
    if (level !== signature.path.length) return 'has a signature of the wrong length'
    if (!keys.has(key)) return strangerFault(keys, key)
    const isGood = keys.verify(key, signedMessage(signature.size, node), signature.rootSignature)
    if (!isGood) return 'has a signature that does not verify'
    ;({ size } = signature)
    return undefined
  }

  function join(entry: Uint8Array, sig: Uint8Array): string | undefined {
    const here = index + 1
    const top = trailingZeros(here)
    hasher.leaf(carried, entry)
    const used = climb(sig, here, top)
    if (used === undefined || !carried.equals(at(rights, top))) return NOT_TOGETHER
    // To the left of it stands what the rows before it came to; above that, its path and signature are theirs.
    const leftAt = PATH_AT + used * HASH_BYTES
    if (!equalBytes(sig.subarray(leftAt, leftAt + HASH_BYTES), at(lefts, top))) return NOT_TOGETHER
    const tail = before.subarray(PATH_AT + (top + 1) * HASH_BYTES)
    if (!equalBytes(sig.subarray(leftAt + HASH_BYTES), tail)) return NOT_TOGETHER
    at(lefts, top).set(carried)
    return undefined
  }

  // Up to the level where a sibling to the left is: below, all siblings are to the right, or there is none.
  function climb(sig: Uint8Array, here: number, top: number): number | undefined {
    let used = 0
    for (let level = 0; level < top; level++) {
      at(lefts, level).set(carried)
      if (here >>> level === (size - 1) >>> level) continue
      const from = PATH_AT + used * HASH_BYTES
      if (from + HASH_BYTES > sig.length - SIGNATURE_BYTES) return undefined
      const sibling = sig.subarray(from, from + HASH_BYTES)
      at(rights, level).set(sibling)
      hasher.node(carried, carried, sibling)
      used++
    }
    return used
  }

  function check(entry: Uint8Array, sig: Uint8Array, key: string): string | undefined {
    if (sig.length < PATH_AT + SIGNATURE_BYTES) return 'has no signature'
    const [rowIndex, rowSize] = [uint32At(sig, 0), uint32At(sig, 4)]
    const isFull = index === size - 1
    if (rowIndex === 0) return isFull ? begin(entry, sig, key) : 'begins a commit before the last one is complete'
    if (isFull || rowSize !== size || rowIndex !== index + 1) return 'stands in the wrong place of its commit'
    return key === signer ? join(entry, sig) : NOT_TOGETHER
  }

  return {
    get isComplete() {
      return index === size - 1
    },
    next: (entry, sig, key) => {
      const fault = check(entry, sig, key) ?? (isDeep ? aloneFault(entry, sig, { keys, key }) : undefined)
      if (fault !== undefined) return fault
      index = uint32At(sig, 0)
      before = sig
      signer = key
      return undefined
    },
  }
}

/** What is wrong with a row's signature, held against nothing but the row. */
function aloneFault(
  entry: Uint8Array,
  sig: Uint8Array,
  { keys, key }: { readonly keys: KeyRing; readonly key: string },
): string | undefined {
  const signature = parseRowSignature(sig)
  if (signature === undefined) return 'has no signature'
  const root = rootOfPath(leafHash(entry), signature, signature.path)
  if (root === undefined) return 'has a signature of the wrong length'
  if (!keys.has(key)) return strangerFault(keys, key)
  const isGood = keys.verify(key, signedMessage(signature.size, root), signature.rootSignature)
  return isGood ? undefined : 'has a signature that does not verify'
}

function strangerFault(keys: KeyRing, key: string): string {
  return `is signed with the key \`${key}\`, which is ${keys.isPinned ? 'not a trusted one' : "not the trail's own"}`
}

function levels(): readonly Buffer[] {
  return Array.from({ length: MAX_LEVELS + 1 }, () => Buffer.alloc(HASH_BYTES))
}

function at(nodes: readonly Buffer[], level: number): Buffer {
  const node = nodes[level]
  if (node === undefined) throw new RangeError('a commit of more levels than it may have')
  return node
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  )
}

function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value)
}
