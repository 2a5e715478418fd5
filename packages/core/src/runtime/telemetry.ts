import type { ActionEvent } from '../action/action-event.ts'
import type { Outcome, Verdict } from '../action/verdict.ts'
import { messageOf } from '../kernel/errors.ts'
import type { OutcomeFacts } from './outcome.ts'

/** Is told what was decided, what ran and how it ended. It is given context, and never arguments or results. */
export interface Telemetry {
  /** A call that is about to be judged. */
  begin(call: WatchedCall): CallWatch
  /** What a caller said became of an action that it ran itself. */
  reported(outcome: Outcome): void
}

/** A call as it is told of. */
export interface WatchedCall {
  /** `run` where a tool will run here, `execute` where someone else may run it. */
  readonly kind: 'run' | 'execute'
  readonly eventId: string
  /** Undefined where the call is no valid action: then nothing it says of itself is told. */
  readonly context: Pick<ActionEvent, 'actor' | 'capability' | 'environment' | 'tool'> | undefined
  /** When it was asked for: monotonic milliseconds. */
  readonly startedAt: number
}

/** Follows one call to its end. */
export interface CallWatch {
  decided(verdict: Verdict): void
  /** Runs `work` at once, so that what it does in turn is known to be done for this call. */
  within<Result>(work: () => Promise<Result>): Promise<Result>
  ended(facts: OutcomeFacts): void
  /** The call is over, however it went. */
  end(): void
}

/** Finds out whom to tell; nobody where there is nobody. */
export type TelemetryLoader = () => Promise<readonly Telemetry[]>

/** Telemetry that a gate can hold: it neither throws nor decides anything. */
export interface SturdyTelemetry extends Telemetry {
  /** Resolves once it is known whom to tell. */
  readonly ready: Promise<void>
}

/**
 * Tells all that `load` finds. Whatever they throw, the call goes on as if nobody were told, and work that they were
 * handed runs once, whether they run it or not. The first fault is told to the host.
 */
export function sturdyTelemetry(load: TelemetryLoader, fault: (message: string) => void): SturdyTelemetry {
  let told: readonly Telemetry[] = []
  let isFaulty = false
  const failed = (cause: unknown): void => {
    if (isFaulty) return
    isFaulty = true
    fault(`telemetry is incomplete, and nothing else is touched: ${readableMessage(cause)}`)
  }
  const attempt = (action: () => unknown): void => {
    try {
      action()
    } catch (cause) {
      failed(cause)
    }
  }
  return {
    ready: load().then((found) => {
      told = found
    }, failed),
    begin: (call) => {
      const watches: CallWatch[] = []
      for (const telemetry of told) attempt(() => watches.push(telemetry.begin(call)))
      return watches.length === 0 ? UNWATCHED : sturdyWatch(watches, attempt)
    },
    reported: (outcome) => {
      for (const telemetry of told) attempt(() => telemetry.reported(outcome))
    },
  }
}

function sturdyWatch(watches: readonly CallWatch[], attempt: (action: () => unknown) => void): CallWatch {
  return {
    decided: (verdict) => {
      for (const watch of watches) attempt(() => watch.decided(verdict))
    },
    within: (work) => {
      let begun: ReturnType<typeof work> | undefined
      // INVARIANT: the tool starts once, here and now, whatever stands around it does or gives back.
      const once = (): ReturnType<typeof work> => (begun ??= work())
      const nested = watches.reduce((inner, watch) => () => watch.within(inner), once)
      attempt(nested)
      return once()
    },
    ended: (facts) => {
      for (const watch of watches) attempt(() => watch.ended(facts))
    },
    end: () => {
      for (const watch of watches) attempt(() => watch.end())
    },
  }
}

/** The watch of a call that nobody is told of. */
const UNWATCHED: CallWatch = {
  decided: () => undefined,
  within: (work) => work(),
  ended: () => undefined,
  end: () => undefined,
}

function readableMessage(cause: unknown): string {
  try {
    return messageOf(cause)
  } catch {
    return 'what it threw cannot be read'
  }
}
