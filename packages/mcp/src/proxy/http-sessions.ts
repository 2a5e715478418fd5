import { randomBytes } from 'node:crypto'
import type { HttpSession } from './http-session.ts'

/** A session, and whose it is. */
interface Kept {
  readonly session: HttpSession
  readonly credential: string
  usedAt: number
}

/** The sessions of a proxy. An id without the credential that it was given to is worth nothing. */
export interface HttpSessions {
  /** Keeps a session, and gives its id. */
  readonly add: (session: HttpSession, credential: string) => string
  readonly find: (id: string, credential: string) => HttpSession | undefined
  /** Ends a session. */
  readonly end: (id: string) => Promise<void>
  /** Ends those that nobody used for so long. */
  readonly sweep: (idleMs: number) => Promise<void>
  readonly count: () => number
  /** Keeps a place free for a session that is being opened; gives what ends that. Undefined where there are so many. */
  readonly reserve: (max: number) => (() => void) | undefined
  readonly endAll: () => Promise<void>
}

/** None yet. `now` is a clock that never goes back. */
export function httpSessions(now: () => number): HttpSessions {
  const kept = new Map<string, Kept>()
  let reserved = 0
  const end = async (id: string): Promise<void> => {
    const found = kept.get(id)
    kept.delete(id)
    await found?.session.close()
  }
  return {
    add: (session, credential) => {
      const id = randomBytes(24).toString('base64url')
      kept.set(id, { session, credential, usedAt: now() })
      return id
    },
    find: (id, credential) => {
      const found = kept.get(id)
      if (found?.credential !== credential) return undefined
      found.usedAt = now()
      return found.session
    },
    end,
    sweep: async (idleMs) => {
      const idle = [...kept].filter(([, { session, usedAt }]) => session.isIdle() && now() - usedAt > idleMs)
      await Promise.all(idle.map(([id]) => end(id)))
    },
    count: () => kept.size,
    reserve: (max) => {
      if (kept.size + reserved >= max) return undefined
      reserved += 1
      return () => {
        reserved -= 1
      }
    },
    endAll: async () => {
      await Promise.all([...kept.keys()].map(end))
    },
  }
}
