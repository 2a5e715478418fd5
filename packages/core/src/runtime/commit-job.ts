import type { DenyCode } from '../action/verdict.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { RecordDraft } from '../audit/record-draft.ts'
import type { Policy } from '../policy/policy.ts'

/** What one caller wants to have recorded, as part of whatever commit comes next. */
export interface CommitJob<Value> {
  /** State that `apply` reads; the commit fails where any of it changed in between. */
  readonly keys: readonly string[]
  /** True where `apply` needs to know how the clocks stand. */
  readonly clocked?: boolean
  /** The policy whose `after` conditions `apply` asks: their marks are brought up to the trail's end before. */
  readonly follows?: Policy | undefined
  /** Synchronous and without effect: may be applied again on newer state. What it throws fails this job alone. */
  apply(view: CommitView): Applied<Value>
  /** What undoes a commit that landed after its caller had been told that it did not. */
  compensate?(value: Value): CommitJob<unknown> | undefined
}

/** State and place as one job sees them, after the jobs before it in the same commit. */
export interface CommitView {
  /** The engine's clock, milliseconds. */
  readonly now: number
  /** This process's clocks, read before the engine's: what a renewed lease counts from. */
  readonly readAt: Instant
  readonly chain: string
  /** The name of the chain in signatures. */
  readonly origin: string
  /** The engine's time of the newest record before this commit; told to jobs that are `clocked`. */
  readonly headAt: number
  /** The `seq` of the first record that this job drafts. */
  readonly seq: number
  get(key: string): string | undefined
}

/** One moment on both clocks of a process; milliseconds. */
export interface Instant {
  readonly monotonic: number
  readonly wall: number
}

// What a job records, writes and answers.
interface Applied<Value> {
  readonly drafts: readonly RecordDraft[]
  readonly writes: readonly StateWrite[]
  readonly value: Value
}

/** Why a job was not committed. */
export interface CommitFault {
  readonly code: Extract<
    DenyCode,
    | 'contention'
    | 'audit_backpressure'
    | 'audit_rollback'
    | 'deadline'
    | 'fault_approval'
    | 'fault_audit'
    | 'fault_engine'
    | 'fault_signer'
  >
  readonly message: string
}

/** `committed`: durable. `failed`: not recorded, or nobody knows; either way nothing may run on it. */
export type Committed<Value> =
  | { readonly kind: 'committed'; readonly value: Value }
  | { readonly kind: 'failed'; readonly fault: CommitFault }
