import type { Risk } from '../action/action-event.ts'
import type { FactWords } from '../action/plan.ts'
import type { Decision, Outcome } from '../action/verdict.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Commitment } from './commitment.ts'
import type { Truncated } from './fit-body.ts'

/** A member that stands as it was, or as its digest where the record would have been too large. */
export type Cuttable<Member> = Member | Truncated

/** The members of every record, named as they stand in the body. */
export interface CommonBody {
  readonly v: 1
  readonly origin: string
  readonly chain: string
  readonly seq: number
  readonly at: number
  /** The id of the key that signed. */
  readonly key: string
  readonly writer: string
}

/** An event as a decision holds it: its context, without the arguments. */
export interface RecordedEvent {
  readonly id: Cuttable<string>
  readonly at: number
  readonly capability: string
  readonly actor: Cuttable<string>
  readonly action: Cuttable<string>
  readonly resource: Cuttable<string>
  readonly environment: Cuttable<string>
  readonly risk: Risk
  readonly scope?: Cuttable<string>
  readonly session?: Cuttable<string>
  readonly tenant?: Cuttable<string>
  readonly user_role?: Cuttable<string>
  readonly caller_depth?: number
  readonly actor_chain?: Cuttable<readonly string[]>
  readonly tool?: Cuttable<string>
}

/** What is known of something that could not become an event. */
export interface RecordedRejection {
  readonly id: Cuttable<string>
  readonly actor: Cuttable<string> | null
  readonly at: number
}

/** What an allowed action was charged to a limit. */
export interface ChargeBody {
  readonly amount: string
  readonly counter: string
  readonly per_ms: number
  readonly rule: string
}

export interface DecisionBody extends CommonBody {
  readonly kind: 'decision'
  readonly event: RecordedEvent | RecordedRejection
  readonly args: readonly Commitment[]
  /** The salted action digest. */
  readonly digest: string | null
  /** The commitment to the facts' plan; left out where none was made. */
  readonly plan?: string
  /** What the arguments were found to mean; left out where nobody looked. */
  readonly facts?: Cuttable<FactWords>
  readonly decision: Decision
  readonly enforced: boolean
  readonly code: string
  readonly rule: Cuttable<string> | null
  readonly rules: Cuttable<readonly string[]>
  readonly observed: Cuttable<readonly string[]>
  readonly message: Cuttable<string>
  readonly policy: string | null
  readonly grants: Cuttable<readonly string[]>
  /** Left out where nothing was charged. */
  readonly charges?: readonly ChargeBody[]
  readonly request: { readonly id: string; readonly expires_at: number } | null
  readonly outcome: 'open' | 'caller' | 'none'
}

export interface OutcomeBody extends CommonBody {
  readonly kind: 'outcome'
  /** The decision it belongs to. */
  readonly of: { readonly chain: string; readonly seq: number }
  readonly event_id: Cuttable<string>
  readonly outcome: Outcome
  readonly error: Cuttable<string> | null
  readonly duration_ms: number | null
  readonly by: Cuttable<string> | null
  /** Why a person says so; left out where none does. */
  readonly reason?: Cuttable<string>
}

export interface OpenedBody extends CommonBody {
  readonly kind: 'opened'
  readonly vkey: string
  readonly engine: string
}

export interface HeadAdoptedBody extends CommonBody {
  readonly kind: 'head_adopted'
  readonly size: number
  readonly entry: string
}

export interface LossAcceptedBody extends CommonBody {
  readonly kind: 'loss_accepted'
  readonly found: Cuttable<string>
  readonly remembered: { readonly origin: string; readonly size: number; readonly entry: string } | null
  readonly reason: Cuttable<string>
}

export interface StatementBody extends CommonBody {
  readonly kind: 'statement'
  /** Exactly what was signed. */
  readonly statement: JsonObject
  readonly sig: string
  readonly by: string | null
  readonly assurance: 'local' | 'separate'
  readonly refused: string | null
}

export interface UngatedBody extends CommonBody {
  readonly kind: 'ungated'
  readonly adapter: string
  readonly actor: Cuttable<string>
  readonly tools: Cuttable<readonly string[]>
  readonly reason: Cuttable<string>
}

/** A record as it was signed. */
export type RecordBody =
  | DecisionBody
  | OutcomeBody
  | OpenedBody
  | HeadAdoptedBody
  | LossAcceptedBody
  | StatementBody
  | UngatedBody
