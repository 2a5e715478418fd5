import { CapFenceError, isCapFenceError, messageOf } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { CommitFault, CommitJob, Committed } from './commit-job.ts'
import { pause } from './time-limit.ts'

// The most jobs in one commit.
const MAX_BATCH = 256
// The most jobs that may wait.
const MAX_QUEUE = 4096

/** Group commit: one loop a process, many callers, one signature and one fsync for all that wait. */
export interface Committer {
  /** Never rejects. Past `deadlineMs` the answer is `deadline`, also if the commit still lands. */
  submit<Value>(job: CommitJob<Value>, deadlineMs?: number): Promise<Committed<Value>>
  /** Refuses new jobs and waits for those that are under way. */
  close(): Promise<void>
}

/** A job with its caller; type-erased, because a batch holds jobs of many kinds. */
export interface Waiting {
  readonly job: CommitJob<unknown>
  /** Monotonic milliseconds. */
  readonly deadlineAt: number
  /** True once the caller has its answer. */
  settled: boolean
  settle(answer: Committed<unknown>): void
}

/** One try to commit a batch: settles what it can. `again`: nothing was stored, try on newer state. */
export type Attempt = (batch: readonly Waiting[]) => Promise<'done' | 'again'>

export interface CommitterOptions {
  readonly machine: Machine
  readonly deadlineMs: number
  readonly attempt: Attempt
}

/** The committer over an attempt. */
export function committer(options: CommitterOptions): Committer {
  const { clock } = options.machine
  const queue: Waiting[] = []
  let running: Promise<void> | undefined
  let closed = false

  async function drain(): Promise<void> {
    // The callers that are ready in this turn join the same commit.
    await clock.turn()
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH).filter((waiting) => !waiting.settled)
      if (batch.length > 0) await commitBatch(batch, options)
      // Also after a single call: callers that ask again at once must not keep the event loop from all others.
      await clock.turn()
    }
    running = undefined
  }

  return {
    submit: (job, deadlineMs = options.deadlineMs) =>
      new Promise((resolve) => {
        if (closed) {
          resolve(failed('fault_audit', 'the runtime is closed'))
        } else if (queue.length >= MAX_QUEUE) {
          resolve(failed('audit_backpressure', `${String(MAX_QUEUE)} decisions wait to be recorded already`))
        } else {
          queue.push(waiting({ job, resolve, deadlineMs }, options))
          running ??= drain()
        }
      }),
    close: async () => {
      // What is under way may still queue what undoes it.
      while (running !== undefined) await running
      closed = true
    },
  }
}

function waiting<Value>(
  caller: { job: CommitJob<Value>; resolve: (answer: Committed<Value>) => void; deadlineMs: number },
  { machine: { clock } }: CommitterOptions,
): Waiting {
  const entry: Waiting = {
    job: caller.job,
    deadlineAt: clock.monotonic() + caller.deadlineMs,
    settled: false,
    settle: (answer) => {
      if (entry.settled) return
      entry.settled = true
      cancel()
      caller.resolve(answer as Committed<Value>) // the value that this very job applied
    },
  }
  const cancel = clock.after(
    caller.deadlineMs,
    () => {
      entry.settle(failed('deadline', `the decision was not recorded within ${String(caller.deadlineMs)} ms`))
    },
    'hold',
  )
  return entry
}

/** Tries until the batch is settled; each conflict reads and judges anew, with jitter, until its callers' deadlines. */
async function commitBatch(batch: readonly Waiting[], options: CommitterOptions): Promise<void> {
  const { clock, ids } = options.machine
  for (let round = 0, left = batch; left.length > 0; round++) {
    if ((await attemptSafely(left, options)) === 'done') return
    left = left.filter((waiting) => !expired(waiting, clock.monotonic()))
    // Full jitter: up to 1 ms at first, 64 ms at most.
    const fraction = (ids.bytes(1)[0] ?? 0) / 256
    await pause(clock, fraction * 2 ** Math.min(round, 6))
  }
}

async function attemptSafely(batch: readonly Waiting[], options: CommitterOptions): Promise<'done' | 'again'> {
  try {
    return await options.attempt(batch)
  } catch (cause) {
    // An attempt answers for its own faults; what still gets here must not leave callers without an answer.
    for (const waiting of batch) waiting.settle({ kind: 'failed', fault: faultOf(cause, 'fault_audit') })
    return 'done'
  }
}

// A conflict this close to the deadline is contention, which says more than `deadline`.
function expired(waiting: Waiting, now: number): boolean {
  if (!waiting.settled && now + 5 >= waiting.deadlineAt) {
    waiting.settle(failed('contention', 'other writers kept changing what this decision rests on; try again'))
  }
  return waiting.settled
}

function failed(code: CommitFault['code'], message: string): Committed<never> {
  return { kind: 'failed', fault: { code, message } }
}

/** The fault that a thrown error is; `step` where its code does not say more. */
export function faultOf(cause: unknown, step: CommitFault['code']): CommitFault {
  const error = isCapFenceError(cause) ? cause : new CapFenceError('IO', messageOf(cause), { cause })
  const code =
    error.code === 'AUDIT_ROLLBACK' ? 'audit_rollback' : error.code === 'AUDIT_CORRUPT' ? 'fault_audit' : step
  return { code, message: error.message }
}
