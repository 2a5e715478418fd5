import type { StateEntry, StateExpectation, StatePage, StateWrite } from '../approval/state-store.ts'
import type { ChainHead, ChainStore, StoredRecord, StoredValue } from '../audit/chain-store.ts'

/**
 * The only door to persistence: an optimistic protocol that an SQL database and Redis keep alike.
 *
 * Every method may reject; `ENGINE_BUSY` says that nothing was done and the same call may be made again, any other
 * error of `commit` leaves it unknown whether the commit landed. `ENGINE_IO` says that the disk failed: what reads show
 * then may be gone after the next start, so the engine drops its connection and makes durable what it opens anew. No method blocks the event loop to wait for a lock.
 */
export interface BaseDBEngine extends ChainStore {
  /** A name for people: `memory`, `sqlite`. */
  readonly kind: string
  /** Two engines with one identity are the same store. */
  readonly identity: string
  /** True where everything is gone with the process, so that no head is remembered outside. */
  readonly ephemeral?: boolean
  /** Makes ready: connects, checks durability settings, migrates. Safe to call again and at once. */
  open(): Promise<void>
  /** The engine's clock: whole milliseconds since 1970. */
  now(): Promise<number>
  /** Heads and state as they stand, with the engine's clock. Need not be one snapshot: `commit` checks all it relied on. */
  read(wanted: ReadWanted): Promise<ReadResult>
  /**
   * All or nothing, durable when it answers `committed`. Otherwise nothing is stored and `changed` names the first
   * expectation that did not hold: `head` or a state key.
   */
  commit(commit: Commit): Promise<CommitResult>
  list(page: StatePage): Promise<readonly StateEntry[]>
  /** Ends cleanly; every later call rejects with `ENGINE_CLOSED`. */
  close(): Promise<void>
}

export interface ReadWanted {
  readonly chain?: string | undefined
  readonly keys: readonly string[]
}

export interface ReadResult {
  readonly now: number
  /** The chain's head with its version, or undefined where the chain has not begun. */
  readonly head: VersionedHead | undefined
  /** Only keys that are there. */
  readonly state: ReadonlyMap<string, StateEntry>
}

export interface VersionedHead {
  readonly head: ChainHead
  readonly version: number
}

export interface Commit {
  /** Records to append; left out by commits that change state only. */
  readonly append?: Append | undefined
  readonly expect: readonly StateExpectation[]
  readonly write: readonly StateWrite[]
}

export interface Append {
  /** The version of the head that the records were chained to; 0 to begin a chain. */
  readonly headVersion: number
  /** The head after the append. Its `size` is the last record's `seq` plus 1. */
  readonly head: ChainHead
  readonly records: readonly StoredRecord[]
  readonly values: readonly StoredValue[]
}

export type CommitResult =
  | { readonly kind: 'committed'; readonly headVersion: number }
  | { readonly kind: 'conflict'; readonly changed: string }
