import { CapFenceError } from '../kernel/errors.ts'
import type { LeaseTimes } from './lease.ts'

// The longest time that a timer of Node takes; beyond it fires at once.
const MAX_MS = 2 ** 31 - 1

/** Refuses a time that no timer can keep, with `OPTION_INVALID`. */
export function checkMs(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value >= 1 && value <= MAX_MS)) return
  throw new CapFenceError(
    'OPTION_INVALID',
    `\`${name}\` must be from 1 to ${String(MAX_MS)} milliseconds, it is ${String(value)}`,
  )
}

/** Refuses deadlines and leases that could not protect anything. */
export function checkTimes(deadlineMs: number, times: LeaseTimes): void {
  checkMs('deadlineMs', deadlineMs)
  for (const [name, value] of Object.entries(times)) checkMs(`leaseTimes.${name}`, Number(value))
  if (times.renewAfterMs < times.startWithinMs && times.startWithinMs < times.deadAfterMs) return
  throw new CapFenceError(
    'OPTION_INVALID',
    'of `leaseTimes`, renewAfterMs must be less than startWithinMs, and that less than deadAfterMs',
  )
}
