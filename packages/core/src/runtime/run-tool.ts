import type { ActionEvent } from '../action/action-event.ts'
import type { Plan } from '../action/plan.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Clock } from '../kernel/ports.ts'
import { rebuild } from '../kernel/snapshot.ts'
import type { OutcomeFacts } from './outcome.ts'

/** A tool as the runtime starts it: on a mutable copy of the very arguments that were judged. */
export type Tool<Result> = (args: Record<string, unknown>, context: ToolContext) => Result | Promise<Result>

/** What a tool is told beside its arguments. */
export interface ToolContext {
  readonly event: ActionEvent
  /**
   * What the facts made of the arguments: argv, real paths, canonical URLs, just as they were judged. A tool that runs
   * this and not the arguments cannot be told one thing and do another. Undefined where there is none.
   */
  readonly plan: Plan | undefined
  /** Aborted when the caller gives up or the tool's time is over. */
  readonly signal: AbortSignal
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  /** How long the tool may run, in milliseconds; without a limit where left out. */
  readonly timeoutMs?: number | undefined
}

/** How a tool ended. */
export type Ended<Result> =
  | { readonly kind: 'returned'; readonly value: Result; readonly facts: OutcomeFacts }
  | { readonly kind: 'threw'; readonly cause: unknown; readonly facts: OutcomeFacts }

/** Runs a tool once and says how it ended; never rejects. */
export async function runTool<Result>(
  { event, plan }: Pick<ToolContext, 'event' | 'plan'>,
  tool: Tool<Result>,
  { clock, signal, timeoutMs }: RunOptions & { readonly clock: Clock },
): Promise<Ended<Result>> {
  const startedAt = clock.monotonic()
  const took = (): number => Math.round(clock.monotonic() - startedAt)
  const limit = new AbortController()
  let timer: Timer | undefined
  try {
    const given = signalOf({ signal, timeoutMs }, limit)
    timer = timeoutMs === undefined ? undefined : startTimer(clock, timeoutMs, limit)
    // An event's args are an object, so their copy is one.
    const work = Promise.resolve(tool(rebuild(event.args) as Record<string, unknown>, { event, plan, signal: given }))
    const value = await (timer === undefined ? work : Promise.race([work, timer.expired]))
    return { kind: 'returned', value, facts: { outcome: 'succeeded', durationMs: took() } }
  } catch (cause) {
    const outcome = timer?.isExpired(cause) === true ? 'timed_out' : 'failed'
    return { kind: 'threw', cause, facts: { outcome, error: errorName(cause), durationMs: took() } }
  } finally {
    timer?.cancel()
  }
}

// Without a limit the caller's own signal says all there is to say; to combine two costs as much as a whole guard.
function signalOf({ signal, timeoutMs }: RunOptions, limit: AbortController): AbortSignal {
  if (signal === undefined) return limit.signal
  return timeoutMs === undefined ? signal : AbortSignal.any([signal, limit.signal])
}

interface Timer {
  readonly expired: Promise<never>
  isExpired(cause: unknown): boolean
  cancel(): void
}

function startTimer(clock: Clock, timeoutMs: number, limit: AbortController): Timer {
  const error = new CapFenceError('TOOL_TIMED_OUT', `the tool did not end within ${String(timeoutMs)} ms`)
  let cancel: () => void = () => undefined
  const expired = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(
      timeoutMs,
      () => {
        reject(error) // first, so that a tool which fails because it is aborted has still timed out
        limit.abort(error)
      },
      'hold',
    )
  })
  return { expired, isExpired: (cause) => cause === error, cancel }
}

// The class alone: an error's message may hold arguments, results or secrets.
function errorName(cause: unknown): string {
  try {
    const name: unknown = cause instanceof Error ? cause.name : typeof cause
    return typeof name === 'string' && /^[A-Za-z_$][\w$.]{0,63}$/.test(name) ? name : 'Error'
  } catch {
    return 'Error' // a hostile getter: the outcome is recorded all the same
  }
}
