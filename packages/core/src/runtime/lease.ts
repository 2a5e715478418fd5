import type { StateWrite } from '../approval/state-store.ts'
import type { CommitView, Instant } from './commit-job.ts'
import { leaseKey } from './state-keys.ts'

/** How long a writer may be silent; milliseconds. */
export interface LeaseTimes {
  /** A lease older than this is renewed by the next commit. */
  readonly renewAfterMs: number
  /** No tool starts later than this after the last renewal: less than `deadAfterMs`, so that clocks may differ a little. */
  readonly startWithinMs: number
  /** A writer whose lease is older than this is dead. */
  readonly deadAfterMs: number
}

/** Renewed each 10 s, starts within 50 s, dead after 60 s. */
export const LEASE_TIMES: LeaseTimes = { renewAfterMs: 10_000, startWithinMs: 50_000, deadAfterMs: 60_000 }

/** A writer's sign of life, on the engine's clock. */
export interface Lease {
  readonly key: string
  /** The write that renews the lease in this commit, where it is due. */
  renewal(view: CommitView): readonly StateWrite[]
  /** Takes note that a commit with the lease of this view is durable. */
  seen(view: Pick<CommitView, 'readAt' | 'now'>, leaseAt: number): void
  /** Whether a tool may start now. */
  mayStart(now: Instant): boolean
}

/** The lease of one writer. */
export function lease(writer: string, times: LeaseTimes): Lease {
  const key = leaseKey(writer)
  // This process's idea of when the lease that others see was written. On both clocks: the monotonic one may stand
  // still while the machine sleeps, the other may be set.
  let renewedAt: Instant = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY }
  return {
    key,
    renewal: (view) => {
      const at = parseLease(view.get(key))
      const due = at === undefined || view.now - at >= times.renewAfterMs || view.now < at
      return due ? [{ key, value: JSON.stringify({ v: 1, at: view.now }) }] : []
    },
    seen: (view, leaseAt) => {
      const age = Math.max(0, view.now - leaseAt)
      const at = { monotonic: view.readAt.monotonic - age, wall: view.readAt.wall - age }
      if (at.monotonic > renewedAt.monotonic) renewedAt = at
    },
    mayStart: ({ monotonic, wall }) =>
      monotonic - renewedAt.monotonic <= times.startWithinMs && wall - renewedAt.wall <= times.startWithinMs,
  }
}

/** When a lease was last renewed, on the engine's clock; undefined where there is none. */
export function parseLease(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const { at } = JSON.parse(value) as { at?: unknown } // checked in the next line
  if (typeof at !== 'number' || !Number.isSafeInteger(at)) throw new Error('a lease is damaged')
  return at
}
