import { INBOX } from '../approval/inbox.ts'
import { markKindKey } from '../approval/marks.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Policy } from '../policy/policy.ts'
import type { ReadResult } from './base-db-engine.ts'
import type { CommitJob, Instant } from './commit-job.ts'
import type { Waiting } from './committer.ts'
import type { HeadTime } from './head-time.ts'
import type { InboxJob } from './inbox-jobs.ts'
import { instant } from './instant.ts'
import type { Limbo } from './limbo.ts'
import type { MarkFollower } from './mark-follower.ts'
import { type Overlay, overlay } from './overlay.ts'
import { withinTime } from './time-limit.ts'
import { type Beginning, type SessionOptions, type TrailSession, openSession } from './trail-session.ts'

/** What loading a batch needs. */
export interface LoadOptions extends SessionOptions {
  /** How long one call of the engine or the signer may take. */
  readonly callLimitMs: number
  /** The jobs that apply what waits in the inbox, before any other of the same commit. */
  readonly inbox: (value: string) => readonly InboxJob[]
  /** Queues what undoes a commit that landed after its callers were told otherwise. */
  readonly enqueue: (job: CommitJob<unknown>) => void
}

/** What a writer keeps in mind between batches. */
export interface LoadMemory {
  readonly lost: Limbo
  readonly times: HeadTime
  readonly marks: MarkFollower
}

/** A batch with the state that it is judged on. */
export interface Loaded {
  readonly session: TrailSession
  readonly readAt: Instant
  /** Not a number where no job asked for it. */
  readonly headAt: number
  readonly read: ReadResult
  readonly beginning: Beginning
  /** Statements from the inbox first, then marks that were missing, then what callers wait for. */
  readonly jobs: readonly Waiting[]
  readonly over: Overlay
  /** To be called once it is durable. */
  readonly followed: () => void
}

/** How often the trail may grow while a batch is loaded, before it is begun anew. */
const MAX_READS = 5

/** Reads what a batch needs, and what has to go before it. */
export function batchLoader(
  options: LoadOptions,
  { lost, times, marks }: LoadMemory,
): (batch: readonly Waiting[]) => Promise<Loaded> {
  const { engine, machine, chain } = options
  let session: TrailSession | undefined
  const timed = <Value>(what: string, work: Promise<Value>): Promise<Value> =>
    withinTime(work, what, { clock: machine.clock, limitMs: options.callLimitMs })

  return async (batch) => {
    session ??= await timed('opening the database', openSession(options))
    const policies = policiesOf(batch)
    const keys = new Set([...batch.flatMap(({ job }) => job.keys), ...policies.flatMap(kindKeys), INBOX])
    const remembered = session.remembered()
    const found = await readAll(keys, policies)
    const beginning = await timed('checking the trail', session.begin(found.read.head, remembered))
    await timed('reading the trail', lost.settle(engine, { chain, size: beginning.head.size }, options.enqueue))
    const jobs = [...found.before, ...batch]
    const isClocked = jobs.some(({ job }) => job.clocked === true)
    const headAt = isClocked ? await timed('reading the trail', times.of(beginning.head)) : Number.NaN
    return { ...found, session, headAt, beginning, jobs, over: overlay(found.read, keys) }
  }

  /** Reads until nothing more is needed for what goes before the batch, and the marks reach the very head that was read. */
  async function readAll(keys: Set<string>, policies: readonly Policy[]): Promise<FoundState> {
    for (let reads = 0; reads < MAX_READS; reads++) {
      const readAt = instant(machine.clock)
      const read = await timed('reading the database', engine.read({ chain, keys: [...keys] }))
      const follow = await Promise.all(
        policies.map((policy) => timed('searching the trail', marks.catchUp(policy, read))),
      )
      const before = [...inboxJobs(read), ...follow.flatMap(({ job }) => (job === undefined ? [] : [unasked(job)]))]
      const missing = before.flatMap(({ job }) => job.keys).filter((key) => !keys.has(key))
      if (missing.length === 0) return { readAt, read, before, followed: () => follow.forEach(({ done }) => done()) }
      for (const key of missing) keys.add(key)
    }
    throw new CapFenceError('ENGINE_BUSY', 'the trail kept growing while it was read')
  }

  function inboxJobs(read: ReadResult): readonly Waiting[] {
    const value = read.state.get(INBOX)?.value
    return value === undefined ? [] : options.inbox(value).map(({ job, told }) => unasked(job, told))
  }
}

interface FoundState {
  readonly readAt: Instant
  readonly read: ReadResult
  readonly before: readonly Waiting[]
  readonly followed: () => void
}

// A job that no caller waits for.
function unasked(job: CommitJob<unknown>, told: InboxJob['told'] = () => undefined): Waiting {
  return { job, deadlineAt: Number.POSITIVE_INFINITY, settled: false, settle: told }
}

function policiesOf(batch: readonly Waiting[]): readonly Policy[] {
  return [...new Set(batch.flatMap(({ job }) => job.follows ?? []))]
}

function kindKeys({ markKinds }: Policy): readonly string[] {
  return markKinds.map(({ id }) => markKindKey(id))
}
