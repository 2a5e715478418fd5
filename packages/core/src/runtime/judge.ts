import type { ActionEvent } from '../action/action-event.ts'
import type { Decision, DenyCode, Reason, Verdict } from '../action/verdict.ts'
import { type Asked, ask, requestKeys } from '../approval/requests.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { DecisionDraft, RejectedEvent } from '../audit/record-draft.ts'
import type { Ids } from '../kernel/ports.ts'
import type { Policy } from '../policy/policy.ts'
import type { Ruling } from '../policy/ruling.ts'
import { type CallState, type CallStatus, formatCall, parseCall } from './call-state.ts'
import type { CommitView } from './commit-job.ts'
import type { ProcessMemory } from './process-memory.ts'

/** A call that the policy has ruled on, about to be judged against state. */
export interface RuledCall {
  readonly event: ActionEvent
  /** The state key of the event's identity. */
  readonly key: string
  readonly digest: string
  readonly ruling: Ruling
  readonly policy: Policy
  /** `open` where this process will run a tool, `caller` where someone else may. */
  readonly runs: 'open' | 'caller'
}

/** A call that is refused before any rule could be asked. */
export interface RefusedCall {
  readonly event: ActionEvent | RejectedEvent
  readonly reason: Reason<DenyCode>
}

/** What a commit is to record and write for one call, and the answer that holds once it is durable. */
export interface Judgement {
  readonly draft: DecisionDraft
  readonly writes: readonly StateWrite[]
  readonly verdict: Verdict
}

/** Who judges: the writer that the records name, and where new request ids come from. */
export interface Judge {
  readonly writer: string
  readonly ids: Ids
  readonly memory: ProcessMemory
}

/** The state that judging a call reads and writes. */
export function judgedKeys(call: RuledCall): readonly string[] {
  const own = call.key
  return call.ruling.decision === 'require_approval'
    ? [own, ...requestKeys({ digest: call.digest, actor: call.event.actor })]
    : [own]
}

/** The verdict on a call, given the claims and requests that stand. An identity that was allowed is never allowed again. */
export function judge(call: RuledCall, view: CommitView, by: Judge): Judgement {
  const claim = parseCall(view.get(call.key))
  const standing = claim === undefined ? undefined : standingRefusal(claim, call)
  // A claim that is gone from the database, or was set back in it, is not gone from here.
  if (standing === undefined && by.memory.allowed.has(call.key)) {
    return denial(call, view, { by, reason: EXECUTED })
  }
  if (standing !== undefined) return denial(call, view, { by, reason: standing })
  const { ruling } = call
  if (!ruling.enforced) return permission(call, view, by)
  switch (ruling.decision) {
    case 'allow':
      return permission(call, view, by)
    case 'deny':
      return denial(call, view, { by, reason: reasonOf(ruling), status: 'refused' })
    case 'require_approval':
      return question(call, view, by)
    default:
      return ruling satisfies never
  }
}

/** The recorded denial of a call that no rule was asked about; it claims nothing. */
export function refuse(call: RefusedCall, view: CommitView, by: Judge): Judgement {
  const draft: DecisionDraft = {
    ...unruled(call.event, by),
    code: call.reason.code,
    rule: call.reason.rule,
    message: call.reason.message,
  }
  return { draft, writes: [], verdict: denied(call.event.id, call.reason, view) }
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

function permission(call: RuledCall, view: CommitView, by: Judge): Judgement {
  const { ruling, event } = call
  const draft: DecisionDraft = { ...ruled(call, by), outcome: call.runs }
  const reason = { rule: ruling.rule, message: ruling.message }
  const verdict: Verdict = {
    decision: 'allow',
    authorized: true,
    eventId: event.id,
    record: placeOf(view),
    enforced: ruling.enforced,
    reason: { ...reason, code: ruling.enforced ? 'policy_allow' : 'observed' },
  }
  return { draft, writes: [claimWrite(call, view, { status: 'running' })], verdict }
}

interface Denial {
  readonly by: Judge
  readonly reason: Reason<DenyCode>
  /** The claim that the denial lays on the id; none where one stands already. */
  readonly status?: CallStatus
}

function denial(call: RuledCall, view: CommitView, { by, reason, status }: Denial): Judgement {
  const own = reason.code === call.ruling.code
  const draft: DecisionDraft = {
    ...ruled(call, by),
    decision: 'deny',
    code: reason.code,
    rule: reason.rule,
    rules: own ? call.ruling.rules : [],
    message: reason.message,
    enforced: true,
  }
  const refusal = status === 'refused' ? { refusal: reason } : {}
  const writes = status === undefined ? [] : [claimWrite(call, view, { status, ...refusal })]
  return { draft, writes, verdict: denied(call.event.id, reason, view) }
}

function question(call: RuledCall, view: CommitView, by: Judge): Judgement {
  const { event, ruling, policy } = call
  if (ruling.decision !== 'require_approval') throw new Error('only a ruling that asks makes a question')
  const asked: Asked = ask(
    view,
    {
      digest: call.digest,
      actor: event.actor,
      capability: event.capability,
      rules: ruling.asking.map((asking) => asking.rule),
      expiresInMs: Math.min(...ruling.asking.map((asking) => asking.terms.expiresInMs)),
      maxPendingPerActor: policy.maxPendingPerActor,
      ...placeOf(view),
    },
    by.ids,
  )
  if (asked.kind === 'backlog') {
    const message = `${String(asked.waiting)} requests of this actor wait for a human already; no more until some are answered`
    return denial(call, view, {
      by,
      reason: { code: 'approval_backlog', rule: ruling.rule, message },
      status: 'denied',
    })
  }
  const { id, expiresAt } = asked.request
  return {
    draft: { ...ruled(call, by), request: { id, expiresAt } },
    writes: [...asked.writes, claimWrite(call, view, { status: 'asked' })],
    verdict: {
      decision: 'require_approval',
      authorized: false,
      eventId: event.id,
      record: placeOf(view),
      reason: { code: ruling.code, rule: ruling.rule, message: ruling.message },
      approval: { requestId: id, expiresAt },
    },
  }
}

function claimWrite(call: RuledCall, view: CommitView, claim: Pick<CallState, 'status' | 'refusal'>): StateWrite {
  return {
    key: call.key,
    value: formatCall({ v: 1, digest: call.digest, ...claim, ...placeOf(view) }),
  }
}

function reasonOf(ruling: Extract<Ruling, { decision: 'deny' }>): Reason<DenyCode> {
  return { code: ruling.code, rule: ruling.rule, message: ruling.message }
}

function denied(eventId: string, reason: Reason<DenyCode>, view: CommitView): Verdict {
  return { decision: 'deny', authorized: false, eventId, record: placeOf(view), reason }
}

function placeOf(view: CommitView): { readonly chain: string; readonly seq: number } {
  return { chain: view.chain, seq: view.seq }
}

// What the policy said, as it is recorded; nothing runs unless the caller of this says so.
function ruled(call: RuledCall, by: Judge): DecisionDraft {
  const { ruling } = call
  const decision: Decision = ruling.decision
  return {
    ...unruled(call.event, by),
    digest: call.digest,
    decision,
    enforced: ruling.enforced,
    code: ruling.code,
    rule: ruling.rule,
    rules: ruling.rules,
    observed: ruling.observed,
    message: ruling.message,
    policy: call.policy.digest,
  }
}

function unruled(event: ActionEvent | RejectedEvent, by: Judge): DecisionDraft {
  return {
    kind: 'decision',
    writer: by.writer,
    event,
    digest: null,
    decision: 'deny',
    enforced: true,
    code: 'fault_policy',
    rule: null,
    rules: [],
    observed: [],
    message: '',
    policy: null,
    grants: [],
    request: undefined,
    outcome: 'none',
  }
}
