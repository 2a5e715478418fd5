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
  /** Looks again, given how far the chain reaches; the jobs that undo what did land after all. */
  settle(
    store: Pick<ChainStore, 'records'>,
    chain: { readonly chain: string; readonly size: number },
  ): Promise<readonly CommitJob<unknown>[]>
}

/** Empty at first. */
export function limbo(): Limbo {
  let lost: { readonly first: StoredRecord; readonly jobs: readonly AppliedJob[] }[] = []
  return {
    add: (first, jobs) => {
      lost.push({ first, jobs })
    },
    settle: async (store, { chain, size }) => {
      // A place that the chain has not reached may still be taken by the lost commit: its head expectation holds.
      const reached = lost.filter((entry) => entry.first.seq < size)
      const landed: AppliedJob[] = []
      for (const entry of reached) {
        if (await holds(store, chain, entry.first)) landed.push(...entry.jobs)
      }
      lost = lost.filter((entry) => !reached.includes(entry))
      return landed.flatMap(({ waiting, value }) => compensation(waiting.job, value))
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
