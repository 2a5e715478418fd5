import type { GuardedCall } from '@capfence/core/adapter'

/** How many paused calls a guarded tool knows of. */
const MAX_PAUSED = 1000

/** Whether an error is LangGraph's way to pause a run. */
export function isPause(cause: unknown): boolean {
  return cause instanceof Error && (cause.name === 'GraphInterrupt' || cause.name === 'NodeInterrupt')
}

/** A call as it is made this time. */
export interface Attempt {
  readonly call: GuardedCall
  /** To be told when the tool itself paused the run. */
  readonly paused: () => void
}

/** Calls whose tool paused the run, and which LangGraph starts again from the top when it is resumed. */
export interface Pauses {
  attempt(call: GuardedCall): Attempt
}

/**
 * Nothing paused yet. A tool that paused (a nested agent, mostly) has started, so to start it again is an action of its
 * own: judged anew, under an identity of its own. What ended, or was paused in another process, keeps its identity.
 */
export function pauses(): Pauses {
  const times = new Map<string, number>()
  return {
    attempt: (call) => {
      const { run, callId } = call
      if (run === undefined || callId === undefined) return { call, paused: () => undefined }
      const keyOf = (): string => JSON.stringify([call.actor, run, callId])
      const before = times.size === 0 ? 0 : (times.get(keyOf()) ?? 0)
      return {
        call: before === 0 ? call : { ...call, callId: JSON.stringify([callId, before]) },
        paused: () => {
          const key = keyOf()
          times.delete(key)
          times.set(key, before + 1)
          const [oldest] = times.keys()
          if (times.size > MAX_PAUSED && oldest !== undefined) times.delete(oldest)
        },
      }
    },
  }
}
