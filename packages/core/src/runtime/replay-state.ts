import type { ActionEvent } from '../action/action-event.ts'
import { charged, counterKey, usedUp } from '../approval/counters.ts'
import { markKey, markWrite, parseMark } from '../approval/marks.ts'
import type { Policy } from '../policy/policy.ts'
import type { Ruling } from '../policy/ruling.ts'
import type { StateReadings } from '../policy/state-terms.ts'

/** A policy over a trace: each event is judged after all that was let through before it. */
export interface Replay {
  /** What the policy says of an event at a time, in milliseconds since 1970. */
  evaluate(event: ActionEvent, at: number): Ruling
  /** An event was let through at a time: charges its limits and sets its marks. */
  letThrough(event: ActionEvent, at: number): void
}

/** Limits and sequences of a trace, kept in memory and told by the trace's own times; no clock is read. */
export function replayState(policy: Policy): Replay {
  const state = new Map<string, string>()

  const readingsAt = (now: number): StateReadings => ({
    now,
    used: ({ counter, perMs }) => usedUp(state.get(counterKey(counter)), perMs, now),
    lastAllowedAt: ({ mark }) => parseMark(state.get(markKey(mark))),
  })

  return {
    evaluate: (event, at) => policy.evaluate(event, readingsAt(at)),
    letThrough: (event, at) => {
      const terms = policy.stateOf(event)
      if (terms === undefined) return
      for (const { counter, perMs, charge } of policy.chargesOf(event, readingsAt(at))) {
        if (charge === undefined) continue
        const key = counterKey(counter)
        state.set(key, charged(state.get(key), { counter, perMs, amount: charge, at }))
      }
      for (const mark of terms.triggers) {
        const { key, value } = markWrite(mark, state.get(markKey(mark)), at)
        if (value !== null) state.set(key, value)
      }
    },
  }
}
