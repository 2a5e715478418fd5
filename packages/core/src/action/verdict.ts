/** Why an action may run. */
export type AllowCode = 'policy_allow' | 'approved' | 'observed'

/** Why an action waits for a human. */
export type AskCode = 'policy_ask' | 'policy_ask_unknown'

/** Why an action is refused. */
export type DenyCode =
  | 'policy_deny'
  | 'policy_deny_unknown'
  | 'policy_default'
  | 'limit_exhausted'
  | 'approval_rejected'
  | 'approval_backlog'
  | 'suspended'
  | 'tripwire'
  | 'invalid_event'
  | 'id_reuse'
  | 'already_executed'
  | 'outcome_unknown'
  | 'clock_fault'
  | 'contention'
  | 'audit_backpressure'
  | 'audit_rollback'
  | 'deadline'
  | 'cancelled'
  | 'fault_policy'
  | 'fault_approval'
  | 'fault_audit'
  | 'fault_engine'
  | 'fault_clock'
  | 'fault_signer'

/** What was decided. */
export type Decision = 'allow' | 'deny' | 'require_approval'

/** Why: a code for programs, the deciding rule's id (null where no rule decided), one line for people and models. */
export interface Reason<Code extends string> {
  readonly code: Code
  readonly rule: string | null
  readonly message: string
}

/** Where the decision stands in the trail; null where it could not be recorded, which is always a deny. */
export interface RecordPlace {
  readonly chain: string
  readonly seq: number
}

/** A pending question to a human. `expiresAt` is milliseconds since 1970 on the engine's clock. */
export interface PendingApproval {
  readonly requestId: string
  readonly expiresAt: number
}

interface VerdictBase {
  /** The id of the event that was judged. */
  readonly eventId: string
  readonly record: RecordPlace | null
}

/** The final answer. Only `authorized: true` lets a tool start. */
export type Verdict =
  | (VerdictBase & {
      readonly decision: 'allow'
      readonly authorized: true
      readonly record: RecordPlace
      /** False in `mode: observe` where the policy would have refused or asked. */
      readonly enforced: boolean
      readonly reason: Reason<AllowCode>
    })
  | (VerdictBase & { readonly decision: 'deny'; readonly authorized: false; readonly reason: Reason<DenyCode> })
  | (VerdictBase & {
      readonly decision: 'require_approval'
      readonly authorized: false
      readonly record: RecordPlace
      readonly reason: Reason<AskCode>
      readonly approval: PendingApproval
    })

/** What became of an allowed action. `caller`: whoever asked runs it, and may report. */
export type Outcome = 'succeeded' | 'failed' | 'timed_out' | 'unknown' | 'not_executed' | 'caller'
