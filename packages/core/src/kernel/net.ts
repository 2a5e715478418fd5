/** One POST. */
export interface NetRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
}

/** The network, for telling people. No redirect is followed, and nothing of an answer is told but its status. */
export interface Net {
  /** Rejects where no answer came, or none within `timeoutMs`. */
  post(request: NetRequest): Promise<{ readonly status: number }>
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>

interface Timer {
  after(delayMs: number, task: () => void): () => void
}

/** The network by way of a `fetch`, timed by a clock. */
export function netOver(send: Fetch, clock: Timer): Net {
  return {
    post: async ({ url, headers, body, timeoutMs }) => {
      const limit = new AbortController()
      const cancel = clock.after(timeoutMs, () => {
        limit.abort(timedOut(timeoutMs))
      })
      try {
        const { signal } = limit
        const answer = await send(url, { method: 'POST', headers, body, redirect: 'manual', signal })
        discard(answer)
        return { status: answer.status }
      } finally {
        cancel()
      }
    },
  }
}

// Unread and unawaited: a body without an end costs nothing, and one that breaks off changes nothing of the status.
function discard(answer: Response): void {
  answer.body?.cancel().catch(() => undefined)
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer within ${String(timeoutMs)} ms`), { code: 'ETIMEDOUT' })
}
