import { CapFenceError } from '../kernel/errors.ts'
import type { ChainStore, StoredRecord } from './chain-store.ts'
import { appendLeaf, frontierRoot } from './merkle.ts'
import { type Run, type TreeHead, consistencyRuns, inclusionRuns } from './proof.ts'
import { logLeaf } from './seal.ts'

/** How many records are held at a time. */
const PAGE = 256

/** A proof over the log tree of a chain, and the tree that it leads to. */
export interface StreamedProof {
  readonly path: readonly Uint8Array[]
  readonly tree: TreeHead
}

/** A record with what proves that it stands in its log. */
export interface ProvenRecord extends StreamedProof {
  readonly record: StoredRecord
  /** The record before it; undefined where it is the first. */
  readonly previous: StoredRecord | undefined
}

/** Which record of a chain, in the tree over its first `size` records. */
export interface RecordInTree {
  readonly chain: string
  readonly index: number
  readonly size: number
}

/**
 * Proves that a record is in the tree over the first records of its chain. Reads them page by page, and believes what
 * they say of themselves: whether the tree is the one that was signed is for a checkpoint to tell.
 */
export async function proveInclusion(
  store: Pick<ChainStore, 'records'>,
  { chain, index, size }: RecordInTree,
): Promise<ProvenRecord> {
  if (index >= size) throw new RangeError(`record ${String(index)} is not among ${String(size)}`)
  const roots = runRoots(inclusionRuns(index, size))
  let record: StoredRecord | undefined
  let previous: StoredRecord | undefined
  for await (const row of rowsOf(store, { chain, from: 0, to: size })) {
    roots.next(logLeaf(row.entry, row.sig))
    if (row.seq === index - 1) previous = row
    if (row.seq === index) record = row
  }
  if (record === undefined) throw missing(chain, index)
  return { record, previous, path: roots.path(), tree: { size, root: roots.root() } }
}

/** Two sizes of one chain, the older at least 1 and not the larger. */
export interface TreeSizes {
  readonly chain: string
  readonly oldSize: number
  readonly size: number
}

/** Proves that the tree over more records begins with the tree over fewer. Reads them page by page. */
export async function proveConsistency(
  store: Pick<ChainStore, 'records'>,
  { chain, oldSize, size }: TreeSizes,
): Promise<StreamedProof & { readonly old: TreeHead }> {
  if (oldSize < 1 || oldSize > size) {
    throw new RangeError(`a tree of ${String(size)} does not begin with one of ${String(oldSize)}`)
  }
  const roots = runRoots(consistencyRuns(oldSize, size))
  let old: Uint8Array | undefined
  for await (const row of rowsOf(store, { chain, from: 0, to: size })) {
    roots.next(logLeaf(row.entry, row.sig))
    if (row.seq === oldSize - 1) old = roots.root()
  }
  if (old === undefined) throw missing(chain, oldSize - 1)
  return { path: roots.path(), old: { size: oldSize, root: old }, tree: { size, root: roots.root() } }
}

/** Records `from` to `to` (exclusive) of a chain, page by page; `AUDIT_CORRUPT` where one is missing. */
export async function* rowsOf(
  store: Pick<ChainStore, 'records'>,
  { chain, from, to }: { readonly chain: string; readonly from: number; readonly to: number },
): AsyncGenerator<StoredRecord, undefined> {
  for (let next = from; next < to;) {
    const page = await store.records({ chain, from: next, limit: Math.min(PAGE, to - next) })
    if (page.length === 0) throw missing(chain, next)
    for (const row of page) {
      if (row.seq !== next) throw missing(chain, next)
      yield row
      next += 1
    }
  }
  return undefined
}

interface RunRoots {
  /** Takes the next leaf, from 0 on. */
  next(leaf: Uint8Array): void
  /** The roots of the runs, in their order. */
  path(): readonly Uint8Array[]
  /** The root over all leaves so far. */
  root(): Uint8Array
}

// A frontier for each run, and one for all: some 53 × 53 hashes at most, however many leaves there are.
function runRoots(runs: readonly Run[]): RunRoots {
  const frontiers: (readonly Uint8Array[])[] = runs.map(() => [])
  let all: readonly Uint8Array[] = []
  let size = 0
  return {
    next: (leaf) => {
      const at = runs.findIndex(({ from, to }) => from <= size && size < to)
      const run = runs[at]
      if (run !== undefined) frontiers[at] = appendLeaf(frontiers[at] ?? [], size - run.from, leaf)
      all = appendLeaf(all, size, leaf)
      size += 1
    },
    path: () => frontiers.map(frontierRoot),
    root: () => frontierRoot(all),
  }
}

function missing(chain: string, seq: number): CapFenceError {
  return new CapFenceError('AUDIT_CORRUPT', `record ${String(seq)} of \`${chain}\` is missing; run \`capfence verify\``)
}
