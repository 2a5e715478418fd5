import { errorMessage } from './answers.ts'
import { INVALID_REQUEST, type RequestId } from './message.ts'

/** What came for a request. */
export interface Arrived {
  readonly message: object
  /** What the transport handed over beside it. */
  readonly extra: unknown
}

/** A request that the server has and has not answered. */
export interface OpenRequest {
  readonly method: string
  readonly id: RequestId
  readonly params: unknown
  /** What the transport handed over beside it. */
  readonly extra: unknown
  /** Takes the answer in place of the client. */
  readonly answer?: (arrived: Arrived) => void
}

/** The requests of one connection that the server has not answered yet. */
export interface OpenRequests {
  /** Notes a request. Where its id cannot be told apart from another's: the error to answer with. */
  readonly begin: (request: OpenRequest) => object | undefined
  /** True where the id names a request that is open, or one that was given up and may still be answered. */
  readonly has: (id: RequestId) => boolean
  /** Takes out the request with this id. */
  readonly end: (id: RequestId) => OpenRequest | undefined
  /** Nobody waits for the answer to this request any more. Until it came, its id names no other one. */
  readonly abandon: (id: RequestId) => void
}

// A client that asks without end and is never answered must not fill the memory.
const MAX_OPEN = 10_000
// Most servers never answer what was given up: the oldest are forgotten.
const MAX_ABANDONED = 10_000

/** None yet. */
export function openRequests(): OpenRequests {
  const open = new Map<RequestId, OpenRequest>()
  const abandoned = new Set<RequestId>()
  const has = (id: RequestId): boolean => open.has(id) || abandoned.has(id)
  return {
    begin: (request) => {
      const { id } = request
      if (has(id)) return errorMessage(id, INVALID_REQUEST, 'invalid request: a request with this `id` is open')
      if (open.size >= MAX_OPEN) return errorMessage(id, INVALID_REQUEST, 'invalid request: too many requests are open')
      open.set(id, request)
      return undefined
    },
    has,
    end: (id) => {
      const request = open.get(id)
      if (request !== undefined) open.delete(id)
      abandoned.delete(id)
      return request
    },
    abandon: (id) => {
      if (!open.delete(id)) return
      abandoned.add(id)
      for (const oldest of abandoned) {
        if (abandoned.size <= MAX_ABANDONED) break
        abandoned.delete(oldest)
      }
    },
  }
}
