import { CapFenceError } from '../kernel/errors.ts'
import type { Clock } from '../kernel/ports.ts'

/** The value of `work`, or `ENGINE_FAILED` once `limitMs` have passed; what it gives later is ignored. */
export async function withinTime<Value>(work: Promise<Value>, what: string, limit: TimeLimit): Promise<Value> {
  let cancel: () => void = () => undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = limit.clock.after(
      limit.limitMs,
      () => {
        reject(new CapFenceError('ENGINE_FAILED', `${what} gave no answer within ${String(limit.limitMs)} ms`))
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
