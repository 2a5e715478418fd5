import { CapFenceError } from '../kernel/errors.ts'
import { rfc3339 } from '../kernel/time.ts'
import type { DenyCode, Reason, Verdict } from './verdict.ts'

/** A verdict that lets nothing run. */
export type Refusal = Extract<Verdict, { authorized: false }>

/** Thrown by `run` and `guard` in place of a result; the message is what the model may read, never the input. */
export class CallRefusedError extends CapFenceError {
  readonly verdict: Refusal

  constructor(verdict: Refusal) {
    super('CALL_REFUSED', refusalText(verdict))
    this.name = 'CallRefusedError'
    this.verdict = verdict
  }
}

// What broke inside may quote paths, addresses or secrets: that is for the host, who has the verdict, not for a model.
function toldReason({ code, message }: Reason<DenyCode>): string {
  return code.startsWith('fault_') ? 'the gate could not decide, so nothing runs; a person has to look at it' : message
}

/** What a refused agent is told: the rule and the way on, no arguments and no secrets. */
export function refusalText(verdict: Refusal): string {
  switch (verdict.decision) {
    case 'deny':
      return `blocked by CapFence (${verdict.reason.code}): ${toldReason(verdict.reason)}`
    case 'require_approval':
      return (
        `CapFence: this action waits for a human's approval (request ${verdict.approval.requestId}, ` +
        `until ${rfc3339(verdict.approval.expiresAt)}): ${verdict.reason.message}; ` +
        'repeating, rephrasing or another route will not help'
      )
    default:
      return verdict satisfies never
  }
}
