import type { DenyCode, Reason, Verdict } from '../action/verdict.ts'
import type { DecisionDraft } from '../audit/record-draft.ts'
import type { Ruling } from '../policy/ruling.ts'
import type { StateReadings } from '../policy/state-terms.ts'
import type { CallStatus } from './call-state.ts'
import type { CommitView } from './commit-job.ts'
import type { Judge, RuledCall } from './judge.ts'
import { allowedWrites, chargesOf, sawAllowed } from './judged-state.ts'
import { type Judgement, claimWrite, deniedVerdict, placeOf, ruledDraft } from './judgement.ts'
import { type Spent, isSpent } from './spent.ts'
import { sawSuspension } from './suspended.ts'

/** A call under judgement: what the policy says of it, given the state that stands. */
export interface Judging {
  readonly call: RuledCall
  readonly view: CommitView
  readonly by: Judge
  readonly ruling: Ruling
  readonly readings: StateReadings
}

/** Why an action that asks may run after all. */
export interface Approved {
  readonly grants: readonly string[]
  readonly message: string
  readonly writes: Judgement['writes']
  readonly spent: Pick<Spent, 'grants' | 'request'>
  readonly remember: () => void
}

/** Lets a call run: charges what it is to be charged, and uses up what approved it. */
export function permission(at: Judging, approved?: Approved): Judgement {
  const { call, view, by, ruling } = at
  const charges = chargesOf(call, view, at.readings)
  const spent: Spent = {
    ...(approved?.spent ?? { grants: null, request: null }),
    charges: charges.map(({ charge }) => charge),
  }
  const reason = approvedReason(ruling, approved)
  const draft: DecisionDraft = {
    ...ruledDraft(call, ruling, by),
    ...(approved === undefined ? {} : { decision: 'allow', code: reason.code, message: reason.message }),
    grants: approved?.grants ?? [],
    charges: charges.map(({ recorded }) => recorded),
    outcome: call.runs,
  }
  const counted = allowedWrites(call, view, charges)
  const claim = claimWrite(call, view, { status: 'running', ...(isSpent(spent) ? { spent } : {}) })
  return {
    draft,
    writes: [claim, ...counted, ...(approved?.writes ?? [])],
    spent: isSpent(spent) ? spent : undefined,
    verdict: {
      decision: 'allow',
      authorized: true,
      eventId: call.event.id,
      record: placeOf(view),
      enforced: ruling.enforced,
      reason,
    },
    remember: () => {
      approved?.remember()
      const used = { charges: spent.charges, marks: call.terms?.triggers ?? [] }
      sawAllowed(used, view.now, by.memory.approvals)
      sawSuspension(call, view, by)
    },
  }
}

function approvedReason(
  ruling: Ruling,
  approved: Approved | undefined,
): Extract<Verdict, { authorized: true }>['reason'] {
  const { rule } = ruling
  if (approved !== undefined) return { code: 'approved', rule, message: approved.message }
  return { code: ruling.enforced ? 'policy_allow' : 'observed', rule, message: ruling.message }
}

/** Denies a call; `status` is the claim that the denial lays on its id, none where one stands already. */
export function denial(at: Judging, reason: Reason<DenyCode>, status?: CallStatus): Judgement {
  const { call, view, by, ruling } = at
  const own = reason.code === ruling.code
  const { code, rule, message } = reason
  const draft: DecisionDraft = {
    ...ruledDraft(call, ruling, by),
    decision: 'deny',
    code,
    rule,
    rules: own ? ruling.rules : [],
    message,
    enforced: true,
  }
  const refusal = status === 'refused' ? { refusal: { code, rule, message } } : {}
  return {
    draft,
    writes: status === undefined ? [] : [claimWrite(call, view, { status, ...refusal })],
    verdict: deniedVerdict(call.event.id, { code, rule, message }, view),
    remember: () => sawSuspension(call, view, by),
  }
}
