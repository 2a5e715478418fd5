import { CapFenceError } from '../kernel/errors.ts'
import type { Clock } from '../kernel/ports.ts'

/** The value of `work`, or `ENGINE_FAILED` once `limitMs` have passed; what it gives later is ignored. */
export async function withinTime<Value>(work: Promise<Value>, what: string, limit: TimeLimit): Promise<Value> {
  const ended = await orTimeout(work, limit)
  if (ended !== TIMEOUT) return ended
  throw new CapFenceError('ENGINE_FAILED', `${what} gave no answer within ${String(limit.limitMs)} ms`)
}

/** What `orTimeout` gives once the time is over. */
export const TIMEOUT: unique symbol = Symbol('timeout')

/** The value of `work`, or `TIMEOUT` once `limitMs` have passed. Leaves no timer behind. */
export async function orTimeout<Value>(work: Promise<Value>, limit: TimeLimit): Promise<Value | typeof TIMEOUT> {
  let cancel: () => void = () => undefined
  const timeout = new Promise<typeof TIMEOUT>((resolve) => {
    cancel = limit.clock.after(
      limit.limitMs,
      () => {
        resolve(TIMEOUT)
      },
      'hold',
    )
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    cancel()
  }
}

export interface TimeLimit {
  readonly clock: Clock
  readonly limitMs: number
}

/** Resolves after `delayMs`. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve, 'hold')
  })
}
