import type { Reason, Verdict } from '../action/verdict.ts'
import type { PendingRequest } from '../approval/requests.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { CommitJob, CommitView } from './commit-job.ts'
import { type Judge, type RefusedCall, type RuledCall, judge, judgedKeys, needsClock, refuse } from './judge.ts'
import type { Judgement } from './judgement.ts'
import type { Lease } from './lease.ts'
import { parseLease } from './lease.ts'
import { type OpenDecision, outcomeJob } from './outcome.ts'
import { openKey, policyKey } from './state-keys.ts'

/** A verdict that is durable, and what a tool may need to start on it. */
export interface Decided {
  readonly verdict: Verdict
  /** There where something may run on it. */
  readonly open: OpenDecision | undefined
  /** The lease that stood at the commit, and when this process read it; there where a tool will start here. */
  readonly leased: { readonly at: number; readonly view: Pick<CommitView, 'readAt' | 'now'> } | undefined
  /** The request, where this decision asks. */
  readonly asked: PendingRequest | undefined
  /** To be called once it is durable. */
  readonly remember: (() => void) | undefined
}

export interface DeciderOptions extends Judge {
  readonly lease: Lease
}

/** The job that judges a ruled call against state and records the decision. */
export function decisionJob(call: RuledCall, options: DeciderOptions): CommitJob<Decided> {
  const opening = openKey(options.writer, call.event.id)
  const archive = policyKey(call.policy.digest)
  // Read and written until it is known to be there: a policy may be long.
  const archives = !options.memory.archived.has(call.policy.digest)
  const keys = [...judgedKeys(call), ...(archives ? [archive] : [])]
  if (call.runs === 'open') keys.push(options.lease.key, opening)
  const follows = call.terms !== undefined && call.policy.markKinds.length > 0 ? call.policy : undefined
  return {
    keys,
    clocked: needsClock(call),
    follows,
    apply: (view) => {
      const judgement = archiving(judge(call, view, options), call, options)
      const isMissing = archives && view.get(archive) === undefined
      const writes = isMissing ? [{ key: archive, value: call.policy.canonical }] : []
      const open = openDecision(judgement, options)
      if (open === undefined || call.runs !== 'open') return applied(judgement, writes, { open, leased: undefined })
      const renewal = options.lease.renewal(view)
      const at = renewal.length > 0 ? view.now : (parseLease(view.get(options.lease.key)) ?? view.now)
      const opened = { key: opening, value: JSON.stringify({ v: 1, eventId: open.eventId, ...open.place }) }
      return applied(judgement, [...writes, ...renewal, opened], { open, leased: { at, view } })
    },
    compensate: ({ open }) =>
      open === undefined ? undefined : outcomeJob(open, { outcome: 'not_executed', by: 'deadline' }, options.writer),
  }
}

// Once the decision is durable, so is the policy that it names.
function archiving(judgement: Judgement, { policy }: RuledCall, { memory }: Judge): Judgement {
  return {
    ...judgement,
    remember: () => {
      memory.archived.add(policy.digest)
      judgement.remember?.()
    },
  }
}

/** The job that asks for an approval ahead of the call: records the question, or nothing where the answer is another. */
export function requestJob(call: RuledCall, options: DeciderOptions): CommitJob<Decided> {
  const whole = decisionJob({ ...call, runs: 'caller' }, options)
  return {
    keys: whole.keys,
    clocked: whole.clocked ?? false,
    follows: whole.follows,
    apply: (view) => {
      const applied = whole.apply(view)
      const { verdict } = applied.value
      return verdict.decision === 'require_approval' ? applied : { drafts: [], writes: [], value: unopened(verdict) }
    },
  }
}

/** The job that records a denial which needed no rule. */
export function refusalJob(call: RefusedCall, options: Judge): CommitJob<Decided> {
  return {
    keys: [],
    apply: (view) => applied(refuse(call, view, options), [], { open: undefined, leased: undefined }),
  }
}

/** A verdict on which nothing runs and of which nothing is remembered. */
export function unopened(verdict: Verdict): Decided {
  return { verdict, open: undefined, leased: undefined, asked: undefined, remember: undefined }
}

/** A denial that could not be recorded; still a denial. */
export function unrecorded(eventId: string, reason: Extract<Verdict, { decision: 'deny' }>['reason']): Verdict {
  return { decision: 'deny', authorized: false, eventId, record: null, reason: reason satisfies Reason<string> }
}

function applied(
  judgement: Judgement,
  writes: readonly StateWrite[],
  rest: Pick<Decided, 'open' | 'leased'>,
): ReturnType<CommitJob<Decided>['apply']> {
  return {
    drafts: [judgement.draft],
    writes: [...judgement.writes, ...writes],
    value: { verdict: judgement.verdict, asked: judgement.asked, remember: judgement.remember, ...rest },
  }
}

function openDecision({ verdict, spent }: Judgement, options: Judge): OpenDecision | undefined {
  if (!verdict.authorized) return undefined
  return { eventId: verdict.eventId, place: verdict.record, writer: options.writer, spent }
}
