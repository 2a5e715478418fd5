import { COUNTERS, isCounterOver } from '../approval/counters.ts'
import { GRANTS, isOver, parseGrants } from '../approval/grants.ts'
import { MARKS, parseMark } from '../approval/marks.ts'
import { REQUESTS, parseRequest, requestEndsAt } from '../approval/requests.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { CommitJob } from './commit-job.ts'

const PAGE = 256
// Longer than any window that a policy can name, so that no mark goes while a rule may ask for it.
const MARK_LIFE_MS = 31 * 86_400_000
// What is over is kept a while longer, for clocks that step back and outcomes that come late.
const SLACK_MS = 3_600_000

type Over = (value: string, now: number) => boolean

/** What may be swept, by prefix: state that no decision can ask for any more. What is damaged stays, to be looked at. */
const SWEPT: readonly (readonly [string, Over])[] = [
  [
    REQUESTS,
    (value, now) => {
      const request = parseRequest(value)
      return request !== undefined && now >= requestEndsAt(request) + SLACK_MS
    },
  ],
  [
    GRANTS,
    (value, now) => {
      const grants = parseGrants(value)
      return grants.length > 0 && grants.every((grant) => isOver(grant, now - SLACK_MS))
    },
  ],
  [COUNTERS, (value, now) => isCounterOver(value, now - SLACK_MS)],
  [
    MARKS,
    (value, now) => {
      const at = parseMark(value)
      return typeof at === 'number' && now - at >= MARK_LIFE_MS
    },
  ],
]

/** Goes through the state, a page of each kind at a time, and says what to remove. */
export interface Sweeper {
  next(): Promise<readonly CommitJob<undefined>[]>
}

/** A sweeper that begins at the beginning, and again when it is through. */
export function sweeper(engine: BaseDBEngine): Sweeper {
  const afterByPrefix = new Map<string, string>()
  return {
    next: async () => {
      const now = await engine.now()
      const jobs: CommitJob<undefined>[] = []
      for (const [prefix, isOverNow] of SWEPT) {
        const page = await engine.list({ prefix, after: afterByPrefix.get(prefix), limit: PAGE })
        const last = page.at(-1)
        if (page.length < PAGE || last === undefined) afterByPrefix.delete(prefix)
        else afterByPrefix.set(prefix, last.key)
        const keys = page.filter(({ value }) => isOverNow(value, now)).map(({ key }) => key)
        if (keys.length > 0) jobs.push(removal(keys, isOverNow))
      }
      return jobs
    },
  }
}

// Others may have written in between: what is no longer over stays.
function removal(keys: readonly string[], isOverNow: Over): CommitJob<undefined> {
  return {
    keys,
    apply: (view) => ({
      drafts: [],
      writes: keys
        .filter((key) => {
          const value = view.get(key)
          return value !== undefined && isOverNow(value, view.now)
        })
        .map((key) => ({ key, value: null })),
      value: undefined,
    }),
  }
}
