import { concat, uint32 } from '../kernel/bytes.ts'
import { SIGNATURE_BYTES } from '../kernel/ed25519.ts'

/** The most records that one signature may cover. */
export const MAX_COMMIT_SIZE = 65_536

/** A row's `sig`, taken apart. */
export interface RowSignature {
  /** Which record of its commit this is, from 0. */
  readonly index: number
  /** How many records the commit has. */
  readonly size: number
  /** The siblings on the way to the commit's root, nearest first. */
  readonly path: readonly Uint8Array[]
  readonly rootSignature: Uint8Array
}

const HASH_BYTES = 32
const FIXED_BYTES = 8 + SIGNATURE_BYTES

/** `index ‖ size ‖ path ‖ root_sig`, the numbers unsigned 32-bit big-endian. */
export function formatRowSignature({ index, size, path, rootSignature }: RowSignature): Uint8Array {
  return concat(uint32(index), uint32(size), ...path, rootSignature)
}

/** Takes a row's `sig` apart, or undefined where it cannot be one. Whether the path fits is for the tree to say. */
export function parseRowSignature(sig: Uint8Array): RowSignature | undefined {
  const pathBytes = sig.length - FIXED_BYTES
  if (pathBytes < 0 || pathBytes % HASH_BYTES !== 0) return undefined
  const view = new DataView(sig.buffer, sig.byteOffset, sig.byteLength)
  const index = view.getUint32(0)
  const size = view.getUint32(4)
  if (size > MAX_COMMIT_SIZE || index >= size) return undefined
  const path = Array.from({ length: pathBytes / HASH_BYTES }, (_, at) =>
    sig.subarray(8 + at * HASH_BYTES, 8 + (at + 1) * HASH_BYTES),
  )
  return { index, size, path, rootSignature: sig.subarray(8 + pathBytes) }
}
