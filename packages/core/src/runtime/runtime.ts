import type { ActionEvent, ActionEventInit } from '../action/action-event.ts'
import type { Outcome, RecordPlace, Verdict } from '../action/verdict.ts'
import type { Application } from '../approval/application.ts'
import type { Envelope } from '../approval/inbox.ts'
import type { UngatedDraft } from '../audit/record-draft.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { CommitJob } from './commit-job.ts'
import { reportJob, sawGivenBack } from './outcome.ts'
import { type Parts, type RuntimeOptions, assemble } from './parts.ts'
import type { PreparedCall } from './prepare.ts'
import { type Preview, preview } from './preview.ts'
import { type Reconciliation, reconcileJob } from './reconcile.ts'
import { recordedSpent } from './recorded-spent.ts'
import { decide, executeGuarded, prepareFor, runGuarded } from './run-guarded.ts'
import type { RunOptions, Tool } from './run-tool.ts'
import type { Spent } from './spent.ts'
import { callKey } from './state-keys.ts'
import { sawStatement, statementJob } from './statement-job.ts'
import { orTimeout } from './time-limit.ts'

/** Outcomes that a caller may report. */
export type ReportedOutcome = Extract<Outcome, 'succeeded' | 'failed' | 'timed_out' | 'not_executed'>

/** Judge → record → run → record, over one engine. */
export interface Runtime {
  /** The verdict on an action, recorded. Never throws: whatever breaks is a deny that names the step. */
  execute(asked: ActionEvent | ActionEventInit): Promise<Verdict>
  /** Judges, runs the tool at most once on what was judged, records the outcome; `CallRefusedError` where it may not run. */
  run<Result>(asked: ActionEvent | ActionEventInit, tool: Tool<Result>, options?: RunOptions): Promise<Result>
  /** What the answer would be now, without a record and without effect. Never throws. */
  preview(asked: ActionEvent | ActionEventInit): Promise<Preview>
  /**
   * Asks for approval ahead of the call: the verdict that asks, recorded. Where the answer is another, that is given and
   * nothing is recorded or used up; it authorizes nothing.
   */
  request(asked: ActionEvent | ActionEventInit): Promise<Verdict>
  /** Records and applies a statement that an approver signed. */
  submit(envelope: Envelope): Promise<Application>
  /** Records that tools go without a guard. */
  recordUngated(ungated: Omit<UngatedDraft, 'kind' | 'writer'>): Promise<void>
  /** Applies what waits in the inbox, and begins the trail where it has not begun. */
  sync(): Promise<void>
  /** Says what became of an action that `execute` allowed. `REPORT_REFUSED` where that is known already. */
  report(verdict: Verdict, outcome: ReportedOutcome): Promise<void>
  /** Records what a person says became of an action of which the trail does not know it; `REPORT_REFUSED` where it does. */
  reconcile(said: Reconciliation): Promise<void>
  /** Resolves once telemetry is found, or known to be absent; it is told of no call made before. */
  ready(): Promise<void>
  /**
   * Refuses new calls, waits for what is under way, and leaves the engine open. Tools that still run after
   * 30 s are not waited for: their decisions stay open, and become `unknown`.
   */
  close(): Promise<void>
}

// How long `close` waits for tools.
const CLOSE_WAIT_MS = 30_000
// How long anyone waits for telemetry: no gate hangs because it does.
const READY_WAIT_MS = 1_000
// How long a person's statement may take to be recorded.
const STATEMENT_DEADLINE_MS = 30_000

/** A runtime over its parts. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const parts = assemble(options)
  return {
    execute: (asked) => executeGuarded(parts, asked),
    run: (asked, tool, run = {}) => runGuarded(parts, { asked, tool, run }),
    preview: (asked) => preview(parts, prepareFor(parts, asked, 'caller')),
    request: (asked) => requestApproval(parts, prepareFor(parts, asked, 'caller')),
    submit: (envelope) => submitStatement(parts, envelope),
    recordUngated: async ({ adapter, actor, tools, reason }) => {
      const draft = { kind: 'ungated', writer: parts.writer, adapter, actor, tools, reason } as const
      await committed(parts, { keys: [], apply: () => ({ drafts: [draft], writes: [], value: undefined }) })
    },
    sync: async () => {
      await committed(parts, { keys: [], apply: () => ({ drafts: [], writes: [], value: undefined }) })
    },
    report: (verdict, outcome) => report(parts, verdict, outcome),
    reconcile: async (said) => {
      const refusal = await committed(parts, await reconcileJob(options.engine, said, parts), STATEMENT_DEADLINE_MS)
      if (refusal !== undefined) throw refusal
    },
    ready: async () => {
      await orTimeout(parts.telemetry.ready, { clock: options.machine.clock, limitMs: READY_WAIT_MS })
    },
    close: async () => {
      parts.closing.abort()
      const limit = { clock: options.machine.clock, limitMs: CLOSE_WAIT_MS }
      await orTimeout(Promise.allSettled(parts.running), limit)
      parts.beat.stop()
      await parts.checkpoints.close()
      await parts.commits.close()
      await parts.trail.settled()
    },
  }
}

async function requestApproval(parts: Parts, prepared: PreparedCall): Promise<Verdict> {
  return (await decide(parts, prepared, 'ask')).verdict
}

async function submitStatement(parts: Parts, envelope: Envelope): Promise<Application> {
  // A person waits longer than an agent: to be told that it failed while it stands would be worse.
  const application = await committed(parts, statementJob(envelope, parts.rules), STATEMENT_DEADLINE_MS)
  sawStatement(application, parts.memory.approvals)
  return application
}

async function committed<Value>(parts: Parts, job: CommitJob<Value>, deadlineMs?: number): Promise<Value> {
  const done = await parts.commits.submit(job, deadlineMs)
  if (done.kind === 'committed') return done.value
  throw new CapFenceError('ENGINE_FAILED', `${done.fault.message}; whether it was recorded, \`capfence logs\` tells`)
}

async function report(parts: Parts, verdict: Verdict, outcome: ReportedOutcome): Promise<void> {
  if (!verdict.authorized) {
    throw new CapFenceError('REPORT_REFUSED', `event \`${verdict.eventId}\` was not allowed, so it has no outcome`)
  }
  const { eventId } = verdict
  const spent = outcome === 'not_executed' ? await spentBy(parts, verdict.record) : undefined
  const open = { eventId, place: verdict.record, writer: parts.writer, spent }
  const done = await parts.commits.submit(reportJob(open, { outcome, by: 'report' }, parts.writer))
  const isReopened = outcome === 'not_executed' && done.kind === 'committed' && done.value === undefined
  if (isReopened) {
    parts.memory.allowed.delete(callKey(eventId))
    sawGivenBack(open, parts.memory.approvals)
  }
  if (done.kind === 'failed')
    throw new CapFenceError('ENGINE_FAILED', `the report was not recorded: ${done.fault.message}`)
  if (done.value !== undefined) throw done.value
  parts.telemetry.reported(outcome)
}

async function spentBy({ options: { engine } }: Parts, place: RecordPlace): Promise<Spent | undefined> {
  await engine.open()
  return recordedSpent(engine, place)
}
