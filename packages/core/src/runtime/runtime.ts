import type { ActionEvent, ActionEventInit } from '../action/action-event.ts'
import type { Outcome, Verdict } from '../action/verdict.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { reportJob } from './outcome.ts'
import { type Parts, type RuntimeOptions, assemble } from './parts.ts'
import type { PreparedCall } from './prepare.ts'
import { decide, prepareFor, runGuarded } from './run-guarded.ts'
import type { RunOptions, Tool } from './run-tool.ts'
import { callKey } from './state-keys.ts'
import { orTimeout } from './time-limit.ts'

/** What the policy says of an event, without a record and without effect; it authorizes nothing. */
export interface Preview {
  readonly decision: Verdict['decision']
  readonly code: Verdict['reason']['code']
  readonly rule: string | null
  readonly message: string
}

/** Outcomes that a caller may report. */
export type ReportedOutcome = Extract<Outcome, 'succeeded' | 'failed' | 'timed_out' | 'not_executed'>

/** Judge → record → run → record, over one engine. */
export interface Runtime {
  /** The verdict on an action, recorded. Never throws: whatever breaks is a deny that names the step. */
  execute(asked: ActionEvent | ActionEventInit): Promise<Verdict>
  /** Judges, runs the tool at most once on what was judged, records the outcome; `CallRefusedError` where it may not run. */
  run<Result>(asked: ActionEvent | ActionEventInit, tool: Tool<Result>, options?: RunOptions): Promise<Result>
  preview(asked: ActionEvent | ActionEventInit): Preview
  /** Says what became of an action that `execute` allowed. `REPORT_REFUSED` where that is known already. */
  report(verdict: Verdict, outcome: ReportedOutcome): Promise<void>
  /**
   * Refuses new calls, waits for what is under way, and leaves the engine open. Tools that still run after
   * 30 s are not waited for: their decisions stay open, and become `unknown`.
   */
  close(): Promise<void>
}

// How long `close` waits for tools.
const CLOSE_WAIT_MS = 30_000

/** A runtime over its parts. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const parts = assemble(options)
  return {
    execute: async (asked) => (await decide(parts, prepareFor(parts, asked, 'caller'))).verdict,
    run: (asked, tool, run = {}) => runGuarded(parts, { asked, tool, run }),
    preview: (asked) => preview(prepareFor(parts, asked, 'caller')),
    report: (verdict, outcome) => report(parts, verdict, outcome),
    close: async () => {
      parts.closing.abort()
      const limit = { clock: options.machine.clock, limitMs: CLOSE_WAIT_MS }
      await orTimeout(Promise.allSettled(parts.running), limit)
      parts.beat.stop()
      await parts.commits.close()
      await parts.trail.settled()
    },
  }
}

async function report(parts: Parts, verdict: Verdict, outcome: ReportedOutcome): Promise<void> {
  if (!verdict.authorized) {
    throw new CapFenceError('REPORT_REFUSED', `event \`${verdict.eventId}\` was not allowed, so it has no outcome`)
  }
  const open = { eventId: verdict.eventId, place: verdict.record, writer: parts.writer }
  const done = await parts.commits.submit(reportJob(open, { outcome, by: 'report' }, parts.writer))
  const isReopened = outcome === 'not_executed' && done.kind === 'committed' && done.value === undefined
  if (isReopened) parts.memory.allowed.delete(callKey(open.eventId))
  if (done.kind === 'failed')
    throw new CapFenceError('ENGINE_FAILED', `the report was not recorded: ${done.fault.message}`)
  if (done.value !== undefined) throw done.value
}

function preview(prepared: PreparedCall): Preview {
  const { decision, code, rule, message } =
    prepared.kind === 'ruled' ? prepared.call.ruling : { decision: 'deny' as const, ...prepared.call.reason }
  return { decision, code, rule, message }
}
