import type { Outcome, RecordPlace } from '../action/verdict.ts'
import { isText } from '../approval/statement.ts'
import { decodeBody } from '../audit/decode-body.ts'
import type { DecisionBody } from '../audit/record-body.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import { parseCall } from './call-state.ts'
import type { CommitJob, CommitView } from './commit-job.ts'
import { type LeaseTimes, parseLease } from './lease.ts'
import { type OpenDecision, claimOf, outcomeJob } from './outcome.ts'
import { recordedSpent } from './recorded-spent.ts'
import { callKey, leaseKey } from './state-keys.ts'

/** Outcomes that a person may say. */
export type ReconciledOutcome = Extract<Outcome, 'succeeded' | 'failed' | 'not_executed'>

/** What a person says became of an action of which the trail does not know it. */
export interface Reconciliation {
  readonly eventId: string
  readonly outcome: ReconciledOutcome
  /** Recorded for good. */
  readonly reason: string
}

/** Who records it. */
export interface Reconciler {
  readonly writer: string
  readonly times: LeaseTimes
}

/** The decision of an event that a person speaks of. */
interface Named extends OpenDecision {
  readonly runs: DecisionBody['outcome']
}

const PAGE = 500
const OUTCOMES: readonly string[] = ['succeeded', 'failed', 'not_executed'] satisfies readonly ReconciledOutcome[]

/**
 * The job that records what a person says became of an action, as the outcome of its newest decision; it answers why that
 * is refused. The state only says where to look: what is known of the decision is read from the trail itself.
 */
export async function reconcileJob(
  engine: BaseDBEngine,
  { eventId, outcome, reason }: Reconciliation,
  by: Reconciler,
): Promise<CommitJob<CapFenceError | undefined>> {
  if (!OUTCOMES.includes(outcome)) throw invalid(`\`outcome\` must be one of ${OUTCOMES.join(', ')}`)
  if (!isText(reason)) throw invalid('`reason` must be 1 to 1,024 visible characters')
  const named = await namedDecision(engine, eventId)
  const told = await toldOutcome(engine, named.place)
  if (told !== undefined && told !== 'unknown') throw refused(eventId, `it is recorded already that it is \`${told}\``)
  const spent = outcome === 'not_executed' ? await recordedSpent(engine, named.place) : undefined
  const job = outcomeJob({ ...named, spent }, { outcome, by: 'reconcile', reason }, by.writer)
  return {
    keys: [...job.keys, leaseKey(named.writer)],
    apply: (view) => {
      const why = whyNot(named, view, by.times)
      if (why === undefined) return job.apply(view)
      return { drafts: [], writes: [], value: refused(eventId, why) }
    },
  }
}

async function namedDecision(engine: BaseDBEngine, eventId: string): Promise<Named> {
  const { state } = await engine.read({ keys: [callKey(eventId)] })
  const call = parseCall(state.get(callKey(eventId))?.value)
  if (call === undefined) throw new CapFenceError('REQUEST_UNKNOWN', `the trail knows no event \`${eventId}\``)
  const { chain, seq } = call
  const [record] = await engine.records({ chain, from: seq, limit: 1 })
  const body = record?.seq === seq ? decodeBody(record.body) : undefined
  if (body?.kind !== 'decision' || body.event.id !== eventId || body.outcome === 'none') {
    throw refused(eventId, 'its newest decision lets nothing run')
  }
  return { eventId, place: { chain, seq }, writer: body.writer, runs: body.outcome }
}

// The newest outcome that the trail holds of a decision.
async function toldOutcome(engine: BaseDBEngine, { chain, seq }: RecordPlace): Promise<Outcome | undefined> {
  let told: Outcome | undefined
  for (let from = seq + 1; ;) {
    const page = await engine.records({ chain, from, limit: PAGE })
    for (const { body: text } of page) {
      if (!text.includes('"kind":"outcome"')) continue
      const body = decodeBody(text)
      if (body.kind === 'outcome' && body.of.chain === chain && body.of.seq === seq) told = body.outcome
    }
    const last = page.at(-1)
    if (last === undefined) return told
    from = last.seq + 1
  }
}

function whyNot(named: Named, view: CommitView, times: LeaseTimes): string | undefined {
  const claim = claimOf(named, view)
  if (claim?.status === 'unknown') return undefined
  if (claim?.status !== 'running') return 'the trail knows what became of it, or has a newer decision'
  // Nobody but its caller knows when something ends that the caller runs itself.
  if (named.runs === 'caller') return undefined
  const at = parseLease(view.get(leaseKey(named.writer)))
  const isAlive = at !== undefined && view.now - at <= times.deadAfterMs
  return isAlive ? 'its tool may still be running; wait until its process has ended for a minute' : undefined
}

function refused(eventId: string, why: string): CapFenceError {
  return new CapFenceError('REPORT_REFUSED', `nothing was recorded of event \`${eventId}\`: ${why}`)
}

function invalid(why: string): CapFenceError {
  return new CapFenceError('OPTION_INVALID', why)
}
