import { isCapFenceError } from '../../kernel/errors.ts'
import type { Machine } from '../../kernel/ports.ts'
import { pause } from '../../runtime/time-limit.ts'

/** How long, and by which clock, an engine waits for a lock. */
export interface Patience {
  readonly machine: Pick<Machine, 'clock' | 'ids'>
  readonly waitMs: number
}

/** A lock is held for a millisecond or two; a longer pause would leave it unused. */
const LONGEST_PAUSE_MS = 8

/** Tries again while the answer is `ENGINE_BUSY`, at random moments, leaving the event loop to others meanwhile. */
export async function retryWhileBusy<Value>(attempt: () => Promise<Value>, patience: Patience): Promise<Value> {
  const { clock, ids } = patience.machine
  const deadlineAt = clock.monotonic() + patience.waitMs
  for (let round = 0; ; round++) {
    try {
      return await attempt()
    } catch (cause) {
      if (!isCapFenceError(cause) || cause.code !== 'ENGINE_BUSY' || clock.monotonic() >= deadlineAt) throw cause
    }
    const fraction = (ids.bytes(1)[0] ?? 0) / 256
    await pause(clock, fraction * Math.min(2 ** round, LONGEST_PAUSE_MS))
  }
}
