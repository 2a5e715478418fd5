import { isCapFenceError } from '../kernel/errors.ts'
import type { ChainHead } from './chain-store.ts'
import { type NoteKeys, noteKeys, openCheckpoint } from './checkpoint-note.ts'
import { checkpointKey, keptCheckpointKey, parseStoredCheckpoint } from './checkpoint-state.ts'
import type { RecordFault } from './inspector.ts'
import { isSameFrontier } from './proof.ts'

/** A checkpoint as it was found beside the trail. */
export interface FoundCheckpoint {
  readonly key: string
  readonly value: string
}

/** What a checkpoint is held against. */
interface CheckpointPlace {
  readonly chain: string
  readonly origin: string
  /** The keys whose signatures count. */
  readonly keys: NoteKeys
}

/**
 * What is wrong with a checkpoint by itself: not the form that writers give it, not signed by a key that counts, of
 * another log, or under a key of the state that is not its own. Undefined where nothing is; then `size` and `frontier`
 * are to be held against the tree over the records.
 */
function checkpointFault(
  { key, value }: FoundCheckpoint,
  { chain, origin, keys }: CheckpointPlace,
): string | undefined {
  const stored = parseStoredCheckpoint(value)
  if (stored === undefined) return 'is damaged'
  const opened = openCheckpoint(stored.note, keys)
  if (typeof opened === 'string') return opened
  if (opened.origin !== origin) return 'is of another log'
  const isPlaced = key === checkpointKey(chain) || key === keptCheckpointKey(chain, opened.size)
  return isPlaced ? undefined : 'stands in the wrong place'
}

/** Holds the checkpoints of one chain against a walk over its records. */
export interface CheckpointWatch {
  /** How many records the newest good one covers; 0 where there is none. */
  readonly size: number
  /** To be called after each row, with the tree up to it. */
  pass(walk: { readonly size: number; readonly frontier: readonly Uint8Array[] }): void
  /** In the end: what is wrong, given how many rows there were. */
  fault(walked: number): CheckpointFinding | undefined
}

/** `tampered`: a checkpoint is damaged, forged or does not match. `truncated`: it covers records that are gone. */
interface CheckpointFinding {
  readonly status: 'tampered' | 'truncated'
  readonly bad: RecordFault
}

/**
 * The watch over a chain's checkpoints. They must have been read before the head that the walk goes up to, or a writer
 * that went on in between would look like one whose records are gone.
 */
export function checkpointWatch(
  found: readonly FoundCheckpoint[],
  { chain, origin }: Pick<ChainHead, 'chain' | 'origin'>,
  vkeys: readonly string[],
): CheckpointWatch {
  const place = { chain, origin, keys: goodKeys(vkeys) }
  const frontiers = new Map<number, readonly Uint8Array[]>()
  let fault: CheckpointFinding | undefined
  const tampered = (size: number, what: string): void => {
    fault ??= { status: 'tampered', bad: { seq: Math.max(0, size - 1), what } }
  }
  for (const checkpoint of found.filter(({ key }) => isOf(key, chain))) {
    const what = checkpointFault(checkpoint, place)
    const stored = parseStoredCheckpoint(checkpoint.value)
    const size = stored?.checkpoint.size ?? 0
    if (what !== undefined)
      tampered(size, `is named by the checkpoint \`${checkpoint.key.slice(0, 120)}\`, which ${what}`)
    else if (stored !== undefined) frontiers.set(size, stored.frontier)
  }
  const size = Math.max(0, ...frontiers.keys())
  return {
    size,
    pass: (walk) => {
      const frontier = frontiers.get(walk.size)
      if (frontier === undefined || isSameFrontier(frontier, walk.frontier)) return
      tampered(walk.size, 'is not what a signed checkpoint says: it, or one before it, was changed')
    },
    fault: (walked) => {
      if (fault !== undefined || walked >= size) return fault
      return {
        status: 'truncated',
        bad: { seq: walked, what: `is missing: a checkpoint covers ${String(size)} records` },
      }
    },
  }
}

/** Checkpoints that belong to none of the chains that stand there. */
export function strayCheckpoints(
  found: readonly FoundCheckpoint[],
  chains: readonly Pick<ChainHead, 'chain'>[],
): readonly string[] {
  return found.filter(({ key }) => !chains.some(({ chain }) => isOf(key, chain))).map(({ key }) => key)
}

function isOf(key: string, chain: string): boolean {
  return key === checkpointKey(chain) || key.startsWith(`${checkpointKey(chain)}/`)
}

// A pinned key that is none is told by whoever pinned it; here it only signs nothing.
function goodKeys(vkeys: readonly string[]): NoteKeys {
  return vkeys.flatMap((vkey) => {
    try {
      return noteKeys([vkey])
    } catch (cause) {
      if (isCapFenceError(cause)) return []
      throw cause
    }
  })
}
