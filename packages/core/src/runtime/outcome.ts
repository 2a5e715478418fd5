import type { Outcome, RecordPlace } from '../action/verdict.ts'
import type { ApprovalMemory } from '../approval/memory.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { OutcomeDraft } from '../audit/record-draft.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { type CallState, type CallStatus, formatCall, parseCall } from './call-state.ts'
import type { CommitJob, CommitView } from './commit-job.ts'
import { type Spent, giveBack, spentKeys } from './spent.ts'
import { callKey, openKey } from './state-keys.ts'

/** A decision that an outcome belongs to. */
export interface OpenDecision {
  readonly eventId: string
  readonly place: RecordPlace
  /** The writer that opened it. */
  readonly writer: string
  /** What it used up: given back where it is known never to have run. */
  readonly spent?: Spent | undefined
}

/** What became of it. */
export interface OutcomeFacts {
  readonly outcome: Outcome
  readonly error?: string | undefined
  readonly durationMs?: number | undefined
  readonly by?: string | undefined
  /** Why a person says so. */
  readonly reason?: string | undefined
}

/** Takes note of what a durable `not_executed` gave back. */
export function sawGivenBack({ spent }: OpenDecision, memory: ApprovalMemory): void {
  if (spent === undefined) return
  memory.sawOwnUses([...(spent.grants?.ids ?? []), ...(spent.request === null ? [] : [spent.request.id])], -1)
  for (const charge of spent.charges) memory.sawCharge(charge, 'returned')
}

/** Records an outcome and closes the decision; `not_executed` opens the identity again. */
export function outcomeJob(open: OpenDecision, facts: OutcomeFacts, writer: string): CommitJob<undefined> {
  const back = facts.outcome === 'not_executed' && open.spent !== undefined ? spentKeys(open.spent) : []
  const keys = [openKey(open.writer, open.eventId), callKey(open.eventId), ...back]
  return {
    keys,
    apply: (view) => ({
      drafts: [outcomeDraft(open, facts, writer)],
      writes: closing(open, facts, view),
      value: undefined,
    }),
  }
}

/** Records what a caller says became of what it ran itself. A decision that has its outcome is `REPORT_REFUSED`. */
export function reportJob(
  open: OpenDecision,
  facts: OutcomeFacts,
  writer: string,
): CommitJob<CapFenceError | undefined> {
  const job = outcomeJob(open, facts, writer)
  return {
    keys: job.keys,
    apply: (view) => {
      const claim = claimOf(open, view)
      if (claim?.status === 'running' || claim?.status === 'unknown') return job.apply(view)
      const why = claim === undefined ? 'the trail knows no such allowed decision' : 'its outcome is recorded already'
      const refusal = new CapFenceError('REPORT_REFUSED', `cannot report on event \`${open.eventId}\`: ${why}`)
      return { drafts: [], writes: [], value: refusal }
    },
  }
}

/** The outcome record alone. */
export function outcomeDraft(open: OpenDecision, facts: OutcomeFacts, writer: string): OutcomeDraft {
  return {
    kind: 'outcome',
    writer,
    of: open.place,
    eventId: open.eventId,
    outcome: facts.outcome,
    error: facts.error,
    durationMs: facts.durationMs,
    by: facts.by,
    reason: facts.reason,
  }
}

/** What an outcome changes in the state: the decision is no longer open, its identity knows how it ended. */
export function closing(open: OpenDecision, facts: OutcomeFacts, view: CommitView): readonly StateWrite[] {
  const key = openKey(open.writer, open.eventId)
  const closed = view.get(key) === undefined ? [] : [{ key, value: null }]
  const claim = claimOf(open, view)
  if (claim === undefined) return closed
  const { spent, ...rest } = claim
  const status = statusAfter(facts.outcome)
  const isReopened = status === 'reopened' && claim.status !== 'reopened'
  const back = isReopened && open.spent !== undefined ? giveBack(open.spent, view) : []
  // What was given back, or never can be, is not kept.
  const keeps = spent !== undefined && !isReopened && status !== 'done'
  const next = formatCall({ ...rest, ...(keeps ? { spent } : {}), status })
  return [...closed, ...back, { key: callKey(open.eventId), value: next }]
}

/** The claim, where it is still this very decision's: an identity that was opened again belongs to a newer one. */
export function claimOf(open: OpenDecision, view: CommitView): CallState | undefined {
  const claim = parseCall(view.get(callKey(open.eventId)))
  return claim?.chain === open.place.chain && claim.seq === open.place.seq ? claim : undefined
}

function statusAfter(outcome: Outcome): CallStatus {
  switch (outcome) {
    case 'succeeded':
    case 'failed':
    case 'timed_out':
      return 'done'
    case 'unknown':
      return 'unknown'
    case 'not_executed':
      return 'reopened'
    case 'caller':
      return 'running'
    default:
      return outcome satisfies never
  }
}
