import type { ActionEvent } from '../action/action-event.ts'
import type { FactWords } from '../action/plan.ts'
import type { Decision, Outcome, RecordPlace } from '../action/verdict.ts'
import type { JsonObject } from '../kernel/json.ts'

/** What stands in a decision for something that could not become an event. */
export interface RejectedEvent {
  readonly id: string
  /** The actor, where at least that could be read; null otherwise. */
  readonly actor: string | null
  readonly at: number
}

/** What an allowed action was charged to a limit. */
export interface RecordedCharge {
  readonly rule: string
  /** What counts together; 64 hex digits. */
  readonly counter: string
  /** The limit's window, in milliseconds. */
  readonly perMs: number
  /** A plain decimal. */
  readonly amount: string
}

/** A decision about to be recorded. */
export interface DecisionDraft {
  readonly kind: 'decision'
  readonly writer: string
  readonly event: ActionEvent | RejectedEvent
  /** The raw action digest in hex; kept only as a salted digest and an erasable value. Null for a rejected event. */
  readonly digest: string | null
  /** The facts' plan as RFC 8785 text, kept as an erasable value under a commitment; null where none was made. */
  readonly plan: string | null
  /** What the arguments were found to mean, in words of closed sets; undefined where nobody looked. */
  readonly facts: FactWords | undefined
  readonly decision: Decision
  readonly enforced: boolean
  readonly code: string
  readonly rule: string | null
  readonly rules: readonly string[]
  readonly observed: readonly string[]
  readonly message: string
  /** The policy's digest; null where no policy could be loaded. */
  readonly policy: string | null
  /** The ids of the signed statements that it rests on. */
  readonly grants: readonly string[]
  readonly charges: readonly RecordedCharge[]
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
  /** Who says so, where that is not the process that ran the tool: `lease`, `deadline`, `abort`, `report`, `reconcile`. */
  readonly by: string | undefined
  /** Why a person says so; for `reconcile`. */
  readonly reason?: string | undefined
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

/** What is remembered of a trail that is not what stands there any more. */
export interface RememberedTrail {
  readonly origin: string
  readonly size: number
  readonly entry: Uint8Array
}

/** A person took the trail over as it stands, though records of it are lost. */
export interface LossAcceptedDraft {
  readonly kind: 'loss_accepted'
  readonly writer: string
  /** What was found to be wrong. */
  readonly found: string
  /** The trail as it is remembered; undefined where that is damaged as well. */
  readonly remembered: RememberedTrail | undefined
  readonly reason: string
}

/** What an approver said, and whether it holds. */
export interface StatementDraft {
  readonly kind: 'statement'
  readonly writer: string
  /** Exactly what was signed. */
  readonly statement: JsonObject
  /** The Ed25519 signature in base64. */
  readonly sig: string
  /** The trusted name of whoever signed; null where nobody trusted did. */
  readonly by: string | null
  /** `local`: the approver's key lies with the writer's user, so both are one person's; `separate` otherwise. */
  readonly assurance: 'local' | 'separate'
  /** Why it changed nothing; null where it was applied. */
  readonly refused: string | null
  /** The raw action digest that it speaks of, with the salt under which it was signed; kept as an erasable value. */
  readonly digest: { readonly raw: string; readonly salt: Uint8Array } | undefined
}

/** Tools that the host hands to a framework without a guard. */
export interface UngatedDraft {
  readonly kind: 'ungated'
  readonly writer: string
  readonly adapter: string
  readonly actor: string
  readonly tools: readonly string[]
  readonly reason: string
}

export type RecordDraft =
  | DecisionDraft
  | OutcomeDraft
  | OpenedDraft
  | HeadAdoptedDraft
  | LossAcceptedDraft
  | StatementDraft
  | UngatedDraft
