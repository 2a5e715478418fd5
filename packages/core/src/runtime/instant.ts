import type { Clock } from '../kernel/ports.ts'
import type { Instant } from './commit-job.ts'

/** This moment on both clocks of the process. */
export function instant(clock: Clock): Instant {
  return { monotonic: clock.monotonic(), wall: clock.now() }
}
