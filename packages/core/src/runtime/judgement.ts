import type { ActionEvent } from '../action/action-event.ts'
import type { DenyCode, Reason, RecordPlace, Verdict } from '../action/verdict.ts'
import type { PendingRequest } from '../approval/requests.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { DecisionDraft, RejectedEvent } from '../audit/record-draft.ts'
import type { Ruling } from '../policy/ruling.ts'
import { type CallState, formatCall } from './call-state.ts'
import type { CommitView } from './commit-job.ts'
import type { Judge, RuledCall } from './judge.ts'
import type { Spent } from './spent.ts'

/** What a commit is to record and write for one call, and the answer that holds once it is durable. */
export interface Judgement {
  readonly draft: DecisionDraft
  readonly writes: readonly StateWrite[]
  readonly verdict: Verdict
  /** What an allowed action used up. */
  readonly spent?: Spent | undefined
  /** The request, where this decision asks. */
  readonly asked?: PendingRequest | undefined
  /** To be called once it is durable: what the process then knows for itself. */
  readonly remember?: (() => void) | undefined
}

/** The claim that a decision lays on its event's id. */
export function claimWrite(
  call: RuledCall,
  view: CommitView,
  claim: Pick<CallState, 'status' | 'refusal' | 'spent'>,
): StateWrite {
  return { key: call.key, value: formatCall({ v: 1, digest: call.digest, ...claim, ...placeOf(view) }) }
}

/** The place of the record that a view is for. */
export function placeOf(view: CommitView): RecordPlace {
  return { chain: view.chain, seq: view.seq }
}

/** The verdict of a recorded denial. */
export function deniedVerdict(eventId: string, reason: Reason<DenyCode>, view: CommitView): Verdict {
  return { decision: 'deny', authorized: false, eventId, record: placeOf(view), reason }
}

/** What the policy said, as it is recorded; nothing runs unless the caller of this says so. */
export function ruledDraft(call: RuledCall, ruling: Ruling, by: Judge): DecisionDraft {
  return {
    ...unruledDraft(call.event, by),
    digest: call.digest,
    plan: call.planText,
    facts: call.policy.factsOf(call.event),
    decision: ruling.decision,
    enforced: ruling.enforced,
    code: ruling.code,
    rule: ruling.rule,
    rules: ruling.rules,
    observed: ruling.observed,
    message: ruling.message,
    policy: call.policy.digest,
  }
}

/** A decision that no rule was asked about. */
export function unruledDraft(event: ActionEvent | RejectedEvent, by: Judge): DecisionDraft {
  return {
    kind: 'decision',
    writer: by.writer,
    event,
    digest: null,
    plan: null,
    facts: undefined,
    decision: 'deny',
    enforced: true,
    code: 'fault_policy',
    rule: null,
    rules: [],
    observed: [],
    message: '',
    policy: null,
    grants: [],
    charges: [],
    request: undefined,
    outcome: 'none',
  }
}
