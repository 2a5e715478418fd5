import { actionDigest } from '../action/action-digest.ts'
import type { ActionEvent } from '../action/action-event.ts'
import { CallRefusedError } from '../action/call-refused-error.ts'
import { boundedMap } from '../kernel/bounded-map.ts'

/** How many results a process keeps for calls that are made again. */
const MAX_RESULTS = 1000

/** Results of calls by identity: frameworks make the same call again when they resume, retry or replay. */
export interface ResultMemo {
  /** What the same call gave before, or gives now where it still runs; else what `start` gives. */
  once<Result>(event: ActionEvent, start: () => Promise<Result>): Promise<Result>
}

interface Kept {
  readonly event: ActionEvent
  readonly result: Promise<unknown>
}

/** Nothing kept yet. */
export function resultMemo(): ResultMemo {
  const kept = boundedMap<string, Kept>(MAX_RESULTS)
  return {
    once: <Result>(event: ActionEvent, start: () => Promise<Result>) => {
      const known = kept.get(event.id)
      // Other arguments under the same id are another call, and for the runtime to refuse.
      if (known !== undefined && actionDigest(known.event) === actionDigest(event)) {
        return known.result as Promise<Result> // of the same call, so of the same tool
      }
      const result = start()
      if (known === undefined) keep(event, result)
      return result
    },
  }

  function keep(event: ActionEvent, result: Promise<unknown>): void {
    kept.set(event.id, { event, result })
    result.catch((cause: unknown) => {
      // A refusal is judged anew: a person may have said yes since.
      if (cause instanceof CallRefusedError && kept.get(event.id)?.result === result) kept.delete(event.id)
    })
  }
}
