import type { Clock } from '../kernel/ports.ts'

/** Beats while at least one tool runs, so that the writer's lease stays alive. */
export interface Heartbeat {
  /** A tool started; the answer ends it. */
  hold(): () => void
  stop(): void
}

/** Calls `beat` each `everyMs` while held. */
export function heartbeat(clock: Clock, everyMs: number, beat: () => void): Heartbeat {
  let held = 0
  let cancel: (() => void) | undefined
  const schedule = (): void => {
    cancel = clock.after(everyMs, () => {
      beat()
      schedule()
    })
  }
  const stop = (): void => {
    cancel?.()
    cancel = undefined
  }
  return {
    hold: () => {
      held += 1
      if (cancel === undefined) schedule()
      return () => {
        held -= 1
        if (held === 0) stop()
      }
    },
    stop,
  }
}
