import { errorMessage } from './answers.ts'
import { INVALID_REQUEST, type RequestId, idKey } from './message.ts'

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
  const open = new Map<string, OpenRequest>()
  const abandoned = new Set<string>()
  const has = (key: string): boolean => open.has(key) || abandoned.has(key)
  return {
    begin: (request) => {
      const { id, method, params, extra, answer } = request
      const key = idKey(id)
      if (has(key)) return errorMessage(id, INVALID_REQUEST, 'invalid request: a request with this `id` is open')
      if (open.size >= MAX_OPEN) return errorMessage(id, INVALID_REQUEST, 'invalid request: too many requests are open')
      open.set(key, answer === undefined ? { id, method, params, extra } : { id, method, params, extra, answer })
      return undefined
    },
    has: (id) => has(idKey(id)),
    end: (id) => {
      const request = open.get(idKey(id))
      open.delete(idKey(id))
      abandoned.delete(idKey(id))
      return request
    },
    abandon: (id) => {
      const key = idKey(id)
      if (!open.delete(key)) return
      abandoned.add(key)
      for (const oldest of abandoned) {
        if (abandoned.size <= MAX_ABANDONED) break
        abandoned.delete(oldest)
      }
    },
  }
}
