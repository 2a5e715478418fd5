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

/** A request that may run. */
export interface Judged {
  readonly request: Request
  /** In place of what the client wrote. */
  readonly params: Record<string, unknown>
  readonly extra: unknown
  readonly signal: AbortSignal
}

/** Hands a request on and waits for its answer. Rejects where that is a failure, or where nobody waits any more. */
export async function handOn(
  { open, toServer }: Upstream,
  { request, params, extra, signal }: Judged,
): Promise<Arrived> {
  const { id, method, whole } = request
  const { promise, resolve, reject } = Promise.withResolvers<Arrived>()
  const clash = open.begin({ id, method, params, extra, answer: resolve })
  if (clash !== undefined) throw new ToolFailedError({ message: clash, extra: undefined })
  const giveUp = (): void => reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  const sent = async (): Promise<void> => toServer({ ...whole, params }, extra)
  try {
    sent().catch(reject)
    const arrived = await promise
    if (isFailure(arrived.message)) throw new ToolFailedError(arrived)
    return arrived
  } finally {
    signal.removeEventListener('abort', giveUp)
    open.abandon(id) // what comes after that is the answer to nothing
  }
}
