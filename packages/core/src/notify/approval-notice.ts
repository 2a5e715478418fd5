/**
 * What people are told of a new approval request: enough to go and look, nothing that a call carried. It leaves the
 * machine, so that arguments and secrets have no field in it. Times are milliseconds since 1970.
 */
export interface ApprovalNotice {
  readonly requestId: string
  readonly actor: string
  readonly capability: string
  /** The rules that ask. */
  readonly rules: readonly string[]
  readonly createdAt: number
  readonly expiresAt: number
}
