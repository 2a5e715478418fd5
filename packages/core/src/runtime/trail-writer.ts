import type { RecordDraft } from '../audit/record-draft.ts'
import { type Sealed, seal } from '../audit/seal.ts'
import { type CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import type { Commit, CommitResult } from './base-db-engine.ts'
import type { Extension } from './checkpointer.ts'
import type { CommitFault } from './commit-job.ts'
import { type Attempt, type Waiting, faultOf } from './committer.ts'
import { headTime } from './head-time.ts'
import { type AppliedJob, compensation, holds, limbo } from './limbo.ts'
import { type LoadOptions, type Loaded, batchLoader } from './load-batch.ts'
import { markFollower } from './mark-follower.ts'
import { withinTime } from './time-limit.ts'
import type { TrailSession } from './trail-session.ts'

/** How one process extends one chain. */
export interface TrailWriter {
  /** One try: read, check the head, judge in order over an overlay, seal outside the engine, commit once. */
  readonly attempt: Attempt
  /** Resolves once the newest head is remembered outside the database. */
  settled(): Promise<void>
}

/** What extends a chain, and who hears of it. */
interface TrailWriterOptions extends LoadOptions {
  /** Told of each durable extension; must not throw. */
  readonly told: (extension: Extension) => void
}

/** The writer of a chain. Opens engine and key at the first attempt. */
export function trailWriter(options: TrailWriterOptions): TrailWriter {
  const { engine, machine, chain } = options
  const lost = limbo()
  const times = headTime(engine)
  const marks = markFollower({ engine, chain })
  const load = batchLoader(options, { lost, times, marks })
  let session: TrailSession | undefined
  const timed = <Value>(what: string, work: Promise<Value>): Promise<Value> =>
    withinTime(work, what, { clock: machine.clock, limitMs: options.callLimitMs })

  async function attempt(batch: readonly Waiting[]): Promise<'done' | 'again'> {
    let loaded: Loaded
    try {
      loaded = await load(batch)
      ;({ session } = loaded)
    } catch (cause) {
      if (isBusy(cause)) return 'again'
      session?.doubt()
      return settleAll(batch, faultOf(cause, stepOf(cause, 'fault_engine')))
    }
    const applied = applyAll(loaded, chain)
    if (applied.jobs.length === 0) return 'done'
    let prepared: Prepared
    try {
      prepared = await timed('the signer', prepare(applied, loaded, options))
    } catch (cause) {
      if (batch.length > 1 && stepOf(cause, 'fault_signer') !== 'fault_signer') return oneByOne(batch)
      return settleAll(batch, faultOf(cause, stepOf(cause, 'fault_signer')))
    }
    return finish(applied.jobs, prepared, loaded)
  }

  /** What cannot be recorded must not take along what shares its batch. */
  async function oneByOne(batch: readonly Waiting[]): Promise<'done' | 'again'> {
    let answer: 'done' | 'again' = 'done'
    for (const waiting of batch) if ((await attempt([waiting])) === 'again') answer = 'again'
    return answer
  }

  async function finish(jobs: readonly AppliedJob[], prepared: Prepared, loaded: Loaded): Promise<'done' | 'again'> {
    let result: CommitResult
    try {
      if (prepared.commit === undefined) return await confirm(jobs, undefined, loaded)
      result = await timed('the commit', engine.commit(prepared.commit))
    } catch (cause) {
      if (isBusy(cause)) return 'again'
      return resolveAmbiguity(jobs, { prepared, loaded, cause })
    }
    return result.kind === 'conflict' ? 'again' : confirm(jobs, prepared.sealed, loaded)
  }

  /** A commit that failed may have landed all the same: what the chain holds now decides, and limbo what it holds later. */
  async function resolveAmbiguity(jobs: readonly AppliedJob[], failed: Failed): Promise<'done'> {
    const first = failed.prepared.sealed?.records[0]
    const waiting = jobs.map((job) => job.waiting)
    const fault = faultOf(failed.cause, stepOf(failed.cause, 'fault_engine'))
    failed.loaded.session.doubt()
    if (isDiskFault(failed.cause)) {
      // A system forgets what an fsync could not write, and still shows it: what can be read now proves nothing.
      if (first !== undefined) lost.add(first, jobs)
      return settleAll(waiting, fault)
    }
    if (first === undefined) return settleAll(waiting, fault)
    try {
      if (await timed('reading the trail', holds(engine, chain, first))) {
        return await confirm(jobs, failed.prepared.sealed, failed.loaded)
      }
      lost.add(first, jobs)
    } catch (cause) {
      lost.add(first, jobs)
      return settleAll(waiting, faultOf(cause, stepOf(cause, 'fault_engine')))
    }
    return settleAll(waiting, fault)
  }

  /** Durable: the callers may know, unless the head cannot be remembered or they gave up waiting. */
  async function confirm(jobs: readonly AppliedJob[], sealed: Sealed | undefined, by: Loaded): Promise<'done'> {
    let fault: CommitFault | undefined
    try {
      const last = sealed?.records.at(-1)
      const newest = sealed !== undefined && last !== undefined && by.session.extended(sealed.head, last)
      by.followed()
      if (sealed !== undefined) {
        times.extended(sealed.head, sealed.at)
        marks.extended(by.beginning.head.size, sealed.head.size)
        options.told({ before: by.beginning.head, after: sealed.head, signer: by.session.signer })
      }
      if (newest !== false) await options.sinks.told(newest)
    } catch (cause) {
      fault = faultOf(cause, 'fault_audit')
    }
    for (const { waiting, value } of jobs) {
      if (fault !== undefined) waiting.settle({ kind: 'failed', fault })
      if (waiting.settled) compensation(waiting.job, value).forEach(options.enqueue)
      else waiting.settle({ kind: 'committed', value })
    }
    return 'done'
  }

  return {
    attempt,
    settled: async () => {
      await session?.settled()
      await options.sinks.settled()
    },
  }
}

interface AppliedBatch {
  readonly jobs: readonly AppliedJob[]
  readonly drafts: readonly RecordDraft[]
}

interface Prepared {
  /** Undefined where nothing changed. */
  readonly commit: Commit | undefined
  readonly sealed: Sealed | undefined
}

interface Failed {
  readonly prepared: Prepared
  readonly loaded: Loaded
  readonly cause: unknown
}

function applyAll(loaded: Loaded, chain: string): AppliedBatch {
  const { readAt, headAt, read, beginning, over } = loaded
  const { origin } = beginning.head
  const drafts: RecordDraft[] = []
  const jobs: AppliedJob[] = []
  const base = beginning.head.size + beginning.preface.length
  for (const waiting of loaded.jobs) {
    if (waiting.settled) continue
    const place = { chain, origin, seq: base + drafts.length }
    const view = { now: read.now, readAt, headAt, ...place, get: (key: string) => over.get(key) }
    try {
      const { drafts: own, writes, value } = waiting.job.apply(view)
      over.put(writes)
      drafts.push(...own)
      jobs.push({ waiting, value })
    } catch (cause) {
      waiting.settle({ kind: 'failed', fault: faultOf(cause, 'fault_approval') })
    }
  }
  return { jobs, drafts }
}

async function prepare(applied: AppliedBatch, loaded: Loaded, options: LoadOptions): Promise<Prepared> {
  const { beginning, over, session, read } = loaded
  const state = { expect: over.expectations(), write: over.writes() }
  // A trail that has not begun, or was just taken over, is begun also where nothing else is to be recorded.
  if (applied.drafts.length + beginning.preface.length === 0) {
    return { commit: state.write.length === 0 ? undefined : state, sealed: undefined }
  }
  const sealed = await seal({
    head: beginning.head,
    drafts: [...beginning.preface, ...applied.drafts],
    at: read.now,
    signer: session.signer,
    ids: options.machine.ids,
  })
  const append = {
    headVersion: beginning.version,
    head: sealed.head,
    records: sealed.records,
    values: sealed.values,
  }
  return { commit: { append, ...state }, sealed }
}

function settleAll(batch: readonly Waiting[], fault: CommitFault): 'done' {
  for (const waiting of batch) waiting.settle({ kind: 'failed', fault })
  return 'done'
}

function isBusy(cause: unknown): boolean {
  return isCapFenceError(cause) && cause.code === 'ENGINE_BUSY'
}

function isDiskFault(cause: unknown): boolean {
  return isCapFenceError(cause) && cause.code === 'ENGINE_IO'
}

const SIGNER_CODES: ReadonlySet<CapFenceError['code']> = new Set([
  'KEY_INVALID',
  'KEY_MISSING',
  'KEY_UNSAFE',
  'TRUST_INVALID',
])
const AUDIT_CODES: ReadonlySet<CapFenceError['code']> = new Set(['HEAD_INVALID', 'AUDIT_CORRUPT', 'ENGINE_IO'])

function stepOf(cause: unknown, otherwise: CommitFault['code']): CommitFault['code'] {
  if (!isCapFenceError(cause)) return otherwise
  if (SIGNER_CODES.has(cause.code)) return 'fault_signer'
  return AUDIT_CODES.has(cause.code) ? 'fault_audit' : otherwise
}
