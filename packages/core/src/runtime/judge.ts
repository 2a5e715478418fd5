import type { ActionEvent } from '../action/action-event.ts'
import type { Plan } from '../action/plan.ts'
import type { DenyCode, Reason } from '../action/verdict.ts'
import { SUSPENSION } from '../approval/suspension.ts'
import type { Notary } from '../approval/trusted.ts'
import type { DecisionDraft, RejectedEvent } from '../audit/record-draft.ts'
import type { Ids } from '../kernel/ports.ts'
import type { Policy } from '../policy/policy.ts'
import type { Ruling } from '../policy/ruling.ts'
import type { StateTerms } from '../policy/state-terms.ts'
import { approvalKeys, clockReason } from './approval-check.ts'
import { askApproval } from './ask-approval.ts'
import { type CallState, parseCall } from './call-state.ts'
import type { CommitView } from './commit-job.ts'
import { judgedState, termKeys } from './judged-state.ts'
import { type Judgement, deniedVerdict, unruledDraft } from './judgement.ts'
import { type Judging, denial, permission } from './permit.ts'
import type { ProcessMemory } from './process-memory.ts'
import { suspendedReason } from './suspended.ts'

/** A call that the policy can rule on, about to be judged against state. */
export interface RuledCall {
  readonly event: ActionEvent
  /** The state key of the event's identity. */
  readonly key: string
  readonly digest: string
  /** What should run in place of the arguments as written, and its RFC 8785 text; the digest covers it. */
  readonly plan: Plan | undefined
  readonly planText: string | null
  /** The ruling, where it rests on the event alone; undefined where limits or sequences have a say. */
  readonly ruling: Ruling | undefined
  /** The state that limits and sequences read and write for the event. */
  readonly terms: StateTerms | undefined
  readonly policy: Policy
  /** `open` where this process will run a tool, `caller` where someone else may. */
  readonly runs: 'open' | 'caller'
}

/** A call that is refused before any rule could be asked. */
export interface RefusedCall {
  readonly event: ActionEvent | RejectedEvent
  readonly reason: Reason<DenyCode>
}

/** Who judges: the writer that the records name, and where new request ids come from. */
export interface Judge {
  readonly writer: string
  readonly ids: Ids
  readonly memory: ProcessMemory
  /** Whose approvals count under a policy, for a trail. */
  readonly notary: (policy: Policy, origin: string) => Notary
}

/** The state that judging a call reads and writes. */
export function judgedKeys(call: RuledCall): readonly string[] {
  const mayAsk = call.ruling === undefined || call.ruling.decision === 'require_approval'
  return [call.key, SUSPENSION, ...termKeys(call), ...(mayAsk ? approvalKeys(call) : [])]
}

/** Whether judging a call needs to know how the clocks stand. */
export function needsClock({ ruling, terms }: RuledCall): boolean {
  return ruling === undefined || ruling.decision === 'require_approval' || (terms?.triggers.length ?? 0) > 0
}

/** The verdict on a call, given the state that stands. An identity that was allowed is never allowed again. */
export function judge(call: RuledCall, view: CommitView, by: Judge): Judgement {
  const claim = parseCall(view.get(call.key))
  const standing = claim === undefined ? undefined : standingRefusal(claim, call)
  const state = judgedState(call, view, by.memory.approvals)
  // A rule may read a limit to no effect, so what stands is asked before.
  const stopped = standing ?? memoryRefusal(call, by) ?? suspendedReason(call, view, by)
  const ruling = call.ruling ?? call.policy.evaluate(call.event, state.readings)
  const at: Judging = { call, view, by, ruling, readings: state.readings }
  if (stopped !== undefined) {
    return denial(at, stopped, stopped.code === 'suspended' && claim === undefined ? 'denied' : undefined)
  }
  const fault = state.fault()
  return fault !== undefined && isDoubtful(ruling)
    ? denial(at, clockReason(fault, ruling.rule), 'denied')
    : rulingAnswer(at, ruling)
}

// What is allowed although nothing is known of limits and sequences needs none of them, and a sure denial stands.
function isDoubtful({ decision, code }: Ruling): boolean {
  return decision !== 'allow' && code !== 'policy_deny'
}

function rulingAnswer(at: Judging, ruling: Ruling): Judgement {
  if (!ruling.enforced) return permission(at)
  switch (ruling.decision) {
    case 'allow':
      return permission(at)
    case 'deny':
      return denial(at, ruling, ruling.code === 'limit_exhausted' ? 'denied' : 'refused')
    case 'require_approval':
      return askApproval(at, ruling)
    default:
      return ruling satisfies never
  }
}

/** The recorded denial of a call that no rule was asked about; it claims nothing. */
export function refuse(call: RefusedCall, view: CommitView, by: Judge): Judgement {
  const { code, rule, message } = call.reason
  const draft: DecisionDraft = { ...unruledDraft(call.event, by), code, rule, message }
  return { draft, writes: [], verdict: deniedVerdict(call.event.id, call.reason, view) }
}

const EXECUTED = {
  code: 'already_executed',
  rule: null,
  message: 'this very call was allowed before, and is never run twice',
} as const

function standingRefusal(claim: CallState, call: RuledCall): Reason<DenyCode> | undefined {
  if (claim.digest !== call.digest) {
    return { code: 'id_reuse', rule: null, message: 'this call id was used before, for another action' }
  }
  switch (claim.status) {
    case 'refused':
      return claim.refusal
    case 'running':
    case 'done':
      return EXECUTED
    case 'unknown':
      return {
        code: 'outcome_unknown',
        rule: null,
        message: 'this very call was allowed before and nobody knows whether it ran; a person must reconcile it',
      }
    case 'asked':
    case 'denied':
    case 'reopened':
      return undefined
    default:
      return claim.status satisfies never
  }
}

// A claim that is gone from the database, or was set back in it, is not gone from here.
function memoryRefusal(call: RuledCall, { memory }: Judge): Reason<DenyCode> | undefined {
  return memory.allowed.has(call.key) ? EXECUTED : undefined
}
