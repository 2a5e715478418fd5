import type { ChainStore, StoredRecord } from '../audit/chain-store.ts'
import { equalBytes } from '../kernel/bytes.ts'
import type { CommitJob } from './commit-job.ts'
import type { Waiting } from './committer.ts'

/** A job of a batch with the value it applied to. */
export interface AppliedJob {
  readonly waiting: Waiting
  readonly value: unknown
}

/** Commits of which nobody knows whether they landed; their callers were told that they did not. */
export interface Limbo {
  add(first: StoredRecord, jobs: readonly AppliedJob[]): void
  /** Looks again, given how far the chain reaches, and hands over what undoes the commits that did land after all. */
  settle(
    store: Pick<ChainStore, 'records'>,
    chain: { readonly chain: string; readonly size: number },
    undo: (job: CommitJob<unknown>) => void,
  ): Promise<void>
}

// With one read a place, so many lost commits can be looked up. What is forgotten stays open, and ends as `unknown`.
const MAX_LOST = 10_000

interface Lost {
  readonly entry: Uint8Array
  readonly undo: readonly CommitJob<unknown>[]
}

/** Empty at first. */
export function limbo(): Limbo {
  // By place: while the chain does not grow, all lost commits were for the same one, and at most one of them is there.
  const lostBySeq = new Map<number, Lost[]>()
  let count = 0
  return {
    add: (first, jobs) => {
      const undo = jobs.flatMap(({ waiting, value }) => compensation(waiting.job, value))
      if (undo.length === 0 || count >= MAX_LOST) return
      count += 1
      const others = lostBySeq.get(first.seq)
      if (others === undefined) lostBySeq.set(first.seq, [{ entry: first.entry, undo }])
      else others.push({ entry: first.entry, undo })
    },
    settle: async (store, { chain, size }, undo) => {
      // A place that the chain has not reached may still be taken by the lost commit: its head expectation holds.
      for (const [seq, lost] of [...lostBySeq].filter(([place]) => place < size)) {
        const [found] = await store.records({ chain, from: seq, limit: 1 })
        const landed = lost.find(({ entry }) => found?.seq === seq && equalBytes(found.entry, entry))
        if (!lostBySeq.delete(seq)) continue
        count -= lost.length
        landed?.undo.forEach(undo)
      }
    },
  }
}

/** Whether the chain holds this very record. */
export async function holds(store: Pick<ChainStore, 'records'>, chain: string, record: StoredRecord): Promise<boolean> {
  const [found] = await store.records({ chain, from: record.seq, limit: 1 })
  return found?.seq === record.seq && equalBytes(found.entry, record.entry)
}

/** What undoes a job that landed unasked; empty where nothing needs to be. */
export function compensation(job: CommitJob<unknown>, value: unknown): readonly CommitJob<unknown>[] {
  const undo = job.compensate?.(value)
  return undo === undefined ? [] : [undo]
}
