import type { ActionEvent } from '../action/action-event.ts'
import type { DenyCode, Reason } from '../action/verdict.ts'
import { SUSPENSION, suspensionOf } from '../approval/suspension.ts'
import { type Notary, signerOf } from '../approval/trusted.ts'
import type { CommitView } from './commit-job.ts'
import type { Judge, RuledCall } from './judge.ts'

/** The actor of an event and everyone above it. */
export function agentsOf({ actor, actorChain }: ActionEvent): readonly string[] {
  return actorChain === undefined ? [actor] : [actor, ...actorChain]
}

/** Why a suspended actor is refused, or undefined. */
export function suspendedReason(call: RuledCall, view: CommitView, by: Judge): Reason<DenyCode> | undefined {
  const value = view.get(SUSPENSION)
  const remembered = by.memory.approvals.suspended
  if (value === undefined && remembered.size === 0) return undefined
  const notary = (): Notary => by.notary(call.policy, view.origin)
  const standing = suspensionOf(
    agentsOf(call.event),
    { entries: by.memory.approvals.suspensions(value), remembered },
    notary,
  )
  if (standing === undefined) return undefined
  const who = standing.actor === null ? 'all actors are' : 'this actor is'
  const message = `${who} suspended by a person (${standing.id}); nothing runs until a person resumes it`
  return { code: 'suspended', rule: null, message }
}

/** Takes note of the suspensions that a durable decision read. */
export function sawSuspension({ policy }: RuledCall, view: CommitView, by: Judge): void {
  const value = view.get(SUSPENSION)
  if (value === undefined) return
  by.memory.approvals.sawSuspension(
    by.memory.approvals.suspensions(value),
    (entry) => signerOf(entry, by.notary(policy, view.origin)) !== undefined,
  )
}
