/** Every code a CapFence error can carry. Codes never change meaning. */
export type ErrorCode =
  | 'CAPABILITY_INVALID'
  | 'PATTERN_INVALID'
  | 'EVENT_INVALID'
  | 'JSON_INVALID'
  | 'POLICY_INVALID'
  | 'POLICY_UNREADABLE'
  | 'POLICY_MISSING'
  | 'ENGINE_MISMATCH'
  | 'ENGINE_UNSAFE'
  | 'ENGINE_CORRUPT'
  | 'ENGINE_TAMPERED'
  | 'ENGINE_BUSY'
  | 'ENGINE_FULL'
  | 'ENGINE_CLOSED'
  | 'ENGINE_IO'
  | 'ENGINE_FAILED'
  | 'KEY_INVALID'
  | 'KEY_UNSAFE'
  | 'KEY_MISSING'
  | 'TRUST_INVALID'
  | 'CHAIN_INVALID'
  | 'HEAD_INVALID'
  | 'AUDIT_ROLLBACK'
  | 'AUDIT_CORRUPT'
  | 'OPTION_INVALID'
  | 'REPORT_REFUSED'
  | 'APPROVAL_REFUSED'
  | 'TOOL_UNGATEABLE'
  | 'REQUEST_UNKNOWN'
  | 'NOTIFY_FAILED'
  | 'TOOL_TIMED_OUT'
  | 'CALL_REFUSED'
  | 'CONNECT_REFUSED'
  | 'PLAN_MISSING'
  | 'PARSER_MISSING'
  | 'EXEC_FAILED'
  | 'IO'

const MARK = Symbol.for('capfence.error')

/** A mistake or a fault, with a code for programs and one actionable line for people. */
export class CapFenceError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CapFenceError'
    this.code = code
    Object.defineProperty(this, MARK, { value: true })
  }
}

/** True for errors of CapFence, also those of a second installed copy of the package. */
export function isCapFenceError(value: unknown): value is CapFenceError {
  return typeof value === 'object' && value !== null && MARK in value
}

/** The message of anything that was thrown, for people. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
