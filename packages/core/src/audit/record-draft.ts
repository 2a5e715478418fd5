import type { ActionEvent } from '../action/action-event.ts'
import type { Decision, Outcome, RecordPlace } from '../action/verdict.ts'

/** What stands in a decision for something that could not become an event. */
export interface RejectedEvent {
  readonly id: string
  /** The actor, where at least that could be read; null otherwise. */
  readonly actor: string | null
  readonly at: number
}

/** A decision about to be recorded. */
export interface DecisionDraft {
  readonly kind: 'decision'
  readonly writer: string
  readonly event: ActionEvent | RejectedEvent
  /** The raw action digest in hex; kept only as a salted digest and an erasable value. Null for a rejected event. */
  readonly digest: string | null
  readonly decision: Decision
  readonly enforced: boolean
  readonly code: string
  readonly rule: string | null
  readonly rules: readonly string[]
  readonly observed: readonly string[]
  readonly message: string
  /** The policy's digest; null where no policy could be loaded. */
  readonly policy: string | null
  readonly grants: readonly string[]
  /** For `require_approval`. */
  readonly request: { readonly id: string; readonly expiresAt: number } | undefined
  /** `open`: an outcome will follow. `caller`: whoever asked runs it. `none`: nothing runs. */
  readonly outcome: 'open' | 'caller' | 'none'
}

/** What became of an allowed action. */
export interface OutcomeDraft {
  readonly kind: 'outcome'
  readonly writer: string
  /** The decision it belongs to. */
  readonly of: RecordPlace
  readonly eventId: string
  readonly outcome: Outcome
  /** The class name of what the tool threw; never its message. */
  readonly error: string | undefined
  /** How long the tool ran, in whole milliseconds; undefined where it never started or nobody measured. */
  readonly durationMs: number | undefined
  /** Who says so, where that is not the process that ran the tool: `lease`, `deadline`, `abort`, `report`. */
  readonly by: string | undefined
}

/** The first record of a chain. */
export interface OpenedDraft {
  readonly kind: 'opened'
  readonly writer: string
  readonly vkey: string
  readonly engine: string
}

/** A writer without a head file took over a chain as it found it. */
export interface HeadAdoptedDraft {
  readonly kind: 'head_adopted'
  readonly writer: string
  readonly size: number
  readonly entry: Uint8Array
}

export type RecordDraft = DecisionDraft | OutcomeDraft | OpenedDraft | HeadAdoptedDraft
