import { isFailure } from './answers.ts'
import type { Request } from './message.ts'
import type { Arrived, OpenRequests } from './open-requests.ts'

/** The server's answer says that the tool failed: for the record. The answer goes on as it is. */
export class ToolFailedError extends Error {
  readonly arrived: Arrived

  constructor(arrived: Arrived) {
    super('the tool failed')
    this.name = 'ToolFailedError'
    this.arrived = arrived
  }
}

/** Where requests are handed on to. */
export interface Upstream {
  readonly open: OpenRequests
  /** Throws or rejects where the server cannot take a message. */
  readonly toServer: (message: unknown, extra?: unknown) => void | Promise<void>
}

/** Who waits for an answer. */
export interface Caller {
  readonly giveUp: AbortController
  /** Set while a request is handed on: to be called by who gives up. To listen to a signal costs far more. */
  leave: ((reason: unknown) => void) | undefined
}

/** A request that may run. */
export interface Judged {
  readonly request: Request
  /** In place of what the client wrote. */
  readonly params: Record<string, unknown>
  readonly extra: unknown
  readonly caller: Caller
  /** The caller's own, or one with a time limit besides. */
  readonly signal: AbortSignal
}

/** Hands a request on and waits for its answer. Rejects where that is a failure, or where nobody waits any more. */
export async function handOn(
  { open, toServer }: Upstream,
  { request, params, extra, caller, signal }: Judged,
): Promise<Arrived> {
  const { id, method, whole } = request
  const { promise, resolve, reject } = Promise.withResolvers<Arrived>()
  const clash = open.begin({ id, method, params, extra, answer: resolve })
  if (clash !== undefined) throw new ToolFailedError({ message: clash, extra: undefined })
  const isOwn = signal === caller.giveUp.signal
  const giveUp = (): void => reject(signal.reason)
  caller.leave = reject
  if (!isOwn) signal.addEventListener('abort', giveUp, { once: true })
  try {
    Promise.resolve(toServer({ ...whole, params }, extra)).catch(reject)
    const arrived = await promise
    if (isFailure(arrived.message)) throw new ToolFailedError(arrived)
    return arrived
  } finally {
    caller.leave = undefined
    if (!isOwn) signal.removeEventListener('abort', giveUp)
    open.abandon(id) // what comes after that is the answer to nothing
  }
}
