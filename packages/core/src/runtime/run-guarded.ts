import { ActionEvent, type ActionEventInit } from '../action/action-event.ts'
import { CallRefusedError } from '../action/call-refused-error.ts'
import type { DenyCode, Verdict } from '../action/verdict.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { CommitFault } from './commit-job.ts'
import { type Decided, decisionJob, refusalJob, requestJob, unopened, unrecorded } from './decide.ts'
import { instant } from './instant.ts'
import type { RuledCall } from './judge.ts'
import { checkMs } from './options.ts'
import { type OpenDecision, type OutcomeFacts, outcomeJob, sawGivenBack } from './outcome.ts'
import type { Parts } from './parts.ts'
import { type PreparedCall, prepareCall } from './prepare.ts'
import { type RunOptions, type Tool, runTool } from './run-tool.ts'
import { callKey } from './state-keys.ts'
import type { CallWatch, WatchedCall } from './telemetry.ts'

/** The durable verdict on a prepared call; a deny, and unrecorded, where it cannot be made durable. */
export async function decide(parts: Parts, prepared: PreparedCall, how: 'decide' | 'ask' = 'decide'): Promise<Decided> {
  const { writer, lease: own, commits, options } = parts
  const by = { writer, ids: options.machine.ids, lease: own, memory: parts.memory, notary: parts.notary }
  const eventId = prepared.call.event.id
  const ruledJob = how === 'ask' ? requestJob : decisionJob
  const job = prepared.kind === 'ruled' ? ruledJob(prepared.call, by) : refusalJob(prepared.call, by)
  const done = await commits.submit(job)
  if (done.kind === 'committed') {
    remember(parts, prepared, done.value)
    parts.reap()
    return done.value
  }
  return unopened(faultVerdict(eventId, prepared, done.fault))
}

function remember(
  { memory, options, fault, writer }: Parts,
  { kind, call }: PreparedCall,
  { open, asked, remember: note }: Decided,
): void {
  if (kind === 'refused') return
  note?.()
  if (asked?.writer === writer && !memory.noticed.has(asked.id)) {
    // Also where an earlier commit of ours asked first, but outlived its caller.
    memory.noticed.add(asked.id)
    options.onAsked?.(asked, (message) => fault('notify', message))
  }
  if (open !== undefined) memory.allowed.add(call.key)
}

// A denial that could not be recorded keeps its own reason: that the trail failed too is the lesser news.
function faultVerdict(eventId: string, prepared: PreparedCall, fault: CommitFault): Verdict {
  if (prepared.kind === 'refused') return unrecorded(eventId, prepared.call.reason)
  return unrecorded(eventId, { code: fault.code, rule: null, message: fault.message })
}

/** A call as far as it can be judged without state; refused once the runtime is closing. */
export function prepareFor(parts: Parts, asked: ActionEvent | ActionEventInit, runs: RuledCall['runs']): PreparedCall {
  const prepared = prepareCall(asked, runs, parts.options)
  return parts.closing.signal.aborted ? refusedAs(prepared, 'cancelled', 'the runtime is closed') : prepared
}

function refusedAs({ call }: PreparedCall, code: DenyCode, message: string): PreparedCall {
  return { kind: 'refused', call: { event: call.event, reason: { code, rule: null, message } } }
}

/** The durable verdict on an action that someone else may run. */
export async function executeGuarded(parts: Parts, asked: ActionEvent | ActionEventInit): Promise<Verdict> {
  const startedAt = parts.options.machine.clock.monotonic()
  const prepared = prepareFor(parts, asked, 'caller')
  const watch = parts.telemetry.begin(watchedCall('execute', prepared, startedAt))
  try {
    const { verdict } = await decide(parts, prepared)
    watch.decided(verdict)
    return verdict
  } finally {
    watch.end()
  }
}

function watchedCall(kind: WatchedCall['kind'], { call: { event } }: PreparedCall, startedAt: number): WatchedCall {
  return { kind, eventId: event.id, context: ActionEvent.is(event) ? event : undefined, startedAt }
}

/** A call with the tool that it is for. */
export interface GuardedRun<Result> {
  readonly asked: ActionEvent | ActionEventInit
  readonly tool: Tool<Result>
  readonly run: RunOptions
}

const GAVE_UP = 'the caller gave up before the action was judged'

/** Judges, runs the tool at most once, records the outcome. */
export async function runGuarded<Result>(parts: Parts, call: GuardedRun<Result>): Promise<Result> {
  checkMs('timeoutMs', call.run.timeoutMs)
  if (call.run.signal !== undefined && !(call.run.signal instanceof AbortSignal)) {
    throw new CapFenceError('OPTION_INVALID', '`signal` is not an AbortSignal')
  }
  const whole = judgeAndRun(parts, call)
  parts.running.add(whole)
  try {
    return await whole
  } finally {
    parts.running.delete(whole)
  }
}

async function judgeAndRun<Result>(parts: Parts, call: GuardedRun<Result>): Promise<Result> {
  const startedAt = parts.options.machine.clock.monotonic()
  const prepared = prepareFor(parts, call.asked, 'open')
  const watch = parts.telemetry.begin(watchedCall('run', prepared, startedAt))
  try {
    return await runWatched(parts, call, { prepared, watch })
  } finally {
    watch.end()
  }
}

interface WatchedRun {
  readonly prepared: PreparedCall
  readonly watch: CallWatch
}

async function runWatched<Result>(
  parts: Parts,
  { tool, run }: GuardedRun<Result>,
  { prepared, watch }: WatchedRun,
): Promise<Result> {
  const { clock } = parts.options.machine
  const judged = isAborted(run) ? refusedAs(prepared, 'cancelled', GAVE_UP) : prepared
  const { verdict, open, leased } = await decide(parts, judged)
  watch.decided(verdict)
  if (!verdict.authorized) throw new CallRefusedError(verdict)
  // An allow that nobody opened cannot be; should it be, nothing runs.
  if (open === undefined || leased === undefined || prepared.kind !== 'ruled') throw notOpened(verdict)
  parts.lease.seen(leased.view, leased.at)
  const at = { parts, open, watch }
  const { call } = prepared
  // INVARIANT: nothing is awaited between these checks and the start of the tool.
  if (isAborted(run)) return notStarted(at, 'abort')
  if (!parts.lease.mayStart(instant(clock))) return notStarted(at, 'lease')
  const release = parts.beat.hold()
  const ended = await watch.within(() => runTool(call, tool, { ...run, clock }))
  await settle(at, ended.facts)
  release()
  if (ended.kind === 'threw') throw ended.cause
  return ended.value
}

// A function, because the signal can be aborted between two readings of it.
function isAborted(run: RunOptions): boolean {
  return run.signal?.aborted === true
}

interface Opened {
  readonly parts: Parts
  readonly open: OpenDecision
  readonly watch: CallWatch
}

async function notStarted(at: Opened, by: 'abort' | 'lease'): Promise<never> {
  const { open } = at
  await settle(at, { outcome: 'not_executed', by })
  const [code, message] =
    by === 'abort'
      ? (['cancelled', 'the caller gave up before the tool started'] as const)
      : ([
          'deadline',
          'the process was paused for too long between decision and start, so the tool was not started',
        ] as const)
  throw new CallRefusedError({
    decision: 'deny',
    authorized: false,
    eventId: open.eventId,
    record: open.place,
    reason: { code, rule: null, message },
  })
}

/** Records an outcome. Where that fails the decision stays open, and becomes `unknown` once this writer is gone. */
async function settle({ parts, open, watch }: Opened, facts: OutcomeFacts): Promise<void> {
  watch.ended(facts)
  if (facts.outcome === 'not_executed') parts.memory.allowed.delete(callKey(open.eventId))
  const done = await parts.commits.submit(outcomeJob(open, facts, parts.writer))
  if (done.kind === 'committed' && facts.outcome === 'not_executed') sawGivenBack(open, parts.memory.approvals)
  if (done.kind === 'failed') parts.fault('outcome', `the outcome of event \`${open.eventId}\`: ${done.fault.message}`)
}

function notOpened(verdict: Verdict): CallRefusedError {
  const reason = { code: 'fault_audit', rule: null, message: 'the decision was not opened, so nothing runs' } as const
  return new CallRefusedError({ decision: 'deny', authorized: false, eventId: verdict.eventId, record: null, reason })
}
