import { INBOX } from '../approval/inbox.ts'
import { type PendingRequest, isSigned, parseRequest, requestKey } from '../approval/requests.ts'
import type { Clock } from '../kernel/ports.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { checkMs } from '../runtime/options.ts'

/** What became of a request. `approved`: enough people signed; whether their approval counts is judged with the call. */
export type Answer = 'approved' | 'rejected' | 'expired' | 'used'

/** How to wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** How often to look, in milliseconds; 500 where left out. */
  readonly everyMs?: number | undefined
}

/** What waiting needs. `sync` applies what waits in the inbox, where this process can. */
export interface WaitParts {
  readonly engine: BaseDBEngine
  readonly clock: Clock
  readonly sync: (() => Promise<void>) | undefined
}

/** Looks at a request until it has its answer, or the signal is aborted: then it rejects with the signal's reason. */
export async function waitForAnswer(
  request: PendingRequest,
  { engine, clock, sync }: WaitParts,
  { signal, everyMs = 500 }: WaitOptions,
): Promise<Answer> {
  checkMs('everyMs', everyMs)
  const key = requestKey(request.digest)
  for (;;) {
    signal?.throwIfAborted()
    const { now, state } = await unlessAborted(engine.read({ keys: [key, INBOX] }), signal)
    if (sync !== undefined && state.has(INBOX)) await unlessAborted(sync(), signal)
    const answer = answerOf(parseRequest(state.get(key)?.value), request, now)
    if (answer !== undefined) return answer
    await paused(clock, everyMs, signal)
  }
}

function answerOf(found: PendingRequest | undefined, asked: PendingRequest, now: number): Answer | undefined {
  if (found?.id !== asked.id) return 'expired'
  if (found.rejection !== null) return 'rejected'
  if (found.used !== found.returned) return 'used'
  if (isSigned(found)) return 'approved'
  return now < found.expiresAt ? undefined : 'expired'
}

// An engine that hangs must not outlast whoever waits.
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return work
  let stop: () => void = () => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error) // whatever the caller aborted with
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

// Ends early where the signal is aborted; the loop sees why.
function paused(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const ended = (): void => {
      cancel()
      signal?.removeEventListener('abort', ended)
      resolve()
    }
    const cancel = clock.after(delayMs, ended, 'hold')
    signal?.addEventListener('abort', ended, { once: true })
  })
}
