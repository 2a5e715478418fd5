import type { DecimalText } from './model.ts'

/** A rule's `limit`, as it concerns one event. */
export interface LimitTerm {
  readonly rule: string
  /** What counts together: 64 hex digits over the rule's id, its window and the values of its `by` fields. */
  readonly counter: string
  readonly perMs: number
  readonly max: DecimalText
  /** What the event adds once it is allowed; undefined where nobody can say. */
  readonly charge: DecimalText | undefined
}

/** An `after` condition, as it concerns one event. */
interface AfterTerm {
  /** What is remembered of the earlier action: 64 hex digits over pattern, reach and the values of its `by` field. */
  readonly mark: string
  readonly withinMs: number
}

/** The state that rulings on an event rest on, and that the event changes once it is allowed. */
export interface StateTerms {
  readonly limits: readonly LimitTerm[]
  readonly afters: readonly AfterTerm[]
  /** Marks that the event sets: the `after` conditions anywhere in the policy that its capability makes true. */
  readonly triggers: readonly string[]
}

/** State, as it stands at one decision. Whatever cannot be known is undefined, and makes a condition unknown. */
export interface StateReadings {
  /** The engine's time, in milliseconds since 1970. */
  readonly now: number
  /** How much of a counter's window is used up. */
  used(term: LimitTerm): DecimalText | undefined
  /** When an action with this mark was last allowed; `never` where it was not. */
  lastAllowedAt(term: AfterTerm): number | 'never' | undefined
}

/** What an action is known by in the trail: enough to say which marks it sets. */
export interface AllowedAction {
  readonly capability: string
  readonly actor: string
  readonly environment: string
  readonly session?: string | undefined
  readonly tenant?: string | undefined
  readonly userRole?: string | undefined
  readonly tool?: string | undefined
}

/** One kind of mark: what the trail is searched for when a policy is new to it. */
export interface MarkKind {
  /** 64 hex digits over pattern, reach and `by`. */
  readonly id: string
  readonly withinMs: number
}
