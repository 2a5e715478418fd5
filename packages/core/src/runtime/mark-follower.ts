import { markKey, markKindKey, markWrite, parseMarkKind } from '../approval/marks.ts'
import type { Policy } from '../policy/policy.ts'
import type { ReadResult } from './base-db-engine.ts'
import type { CommitJob } from './commit-job.ts'
import { type FoundMarks, type MarkSearch, marksBefore, marksBetween } from './marks-in-trail.ts'

/** How many records the state may be behind what a process knows, so that it is not written with each commit. */
const MAX_BEHIND = 1000

/** What brings the marks of a policy up to the head of the trail, before a decision rests on them. */
interface CaughtUp {
  /** Writes what was found; undefined where nothing is to be written. */
  readonly job: CommitJob<undefined> | undefined
  /** To be called once it is durable. */
  readonly done: () => void
}

/**
 * Follows a trail for `after` conditions: whoever wrote a record, and under whatever policy, what it allowed sets its
 * marks before the next decision that asks for them.
 */
export interface MarkFollower {
  catchUp(policy: Policy, read: ReadResult): Promise<CaughtUp>
  /** Takes note of an extension of our own: its decisions set their marks themselves. */
  extended(from: number, to: number): void
}

/** A follower that has seen nothing. */
export function markFollower(search: Omit<MarkSearch, 'policy'>): MarkFollower {
  const upToByKind = new Map<string, number>()
  // A long search goes on where a caller's patience ends, and serves all that wait for it.
  let searching: { readonly key: string; readonly found: Promise<Found> } | undefined

  function searchOnce(policy: Policy, key: string, { now, size }: { now: number; size: number }): Promise<Found> {
    if (searching?.key === key) return searching.found
    const windowMs = Math.max(...policy.markKinds.map(({ withinMs }) => withinMs))
    const found = marksBefore({ ...search, policy }, size, now - windowMs).then((marks) => ({ marks, upTo: size }))
    searching = { key, found }
    found.catch(() => {
      searching = undefined // to be tried again
    })
    return found
  }

  /** From where on each kind's marks are unknown; undefined where a kind has to be searched for. */
  function knownUpTo({ markKinds }: Policy, { state }: ReadResult): number | undefined {
    const known = markKinds.map(({ id, withinMs }) => {
      const stored = parseMarkKind(state.get(markKindKey(id))?.value)
      if (stored === undefined || stored.withinMs < withinMs) return undefined
      return Math.max(stored.upTo, upToByKind.get(id) ?? 0)
    })
    return known.some((upTo) => upTo === undefined) ? undefined : Math.min(...known.map((upTo) => upTo ?? 0))
  }

  return {
    catchUp: async (policy, read) => {
      const size = read.head?.head.size ?? 0
      const from = knownUpTo(policy, read)
      const key = `${policy.digest} ${String(size === 0)}`
      const { marks, upTo } =
        from === undefined ? await searchOnce(policy, key, { now: read.now, size }) : { marks: new Map(), upTo: from }
      const newer = await marksBetween({ ...search, policy }, Math.min(upTo, size), size)
      const all = merged(marks, newer)
      const done = (): void => {
        for (const { id } of policy.markKinds) upToByKind.set(id, Math.max(size, upToByKind.get(id) ?? 0))
        if (from === undefined) searching = undefined
      }
      const isBehind = from === undefined || all.size > 0 || size - storedUpTo(policy, read) >= MAX_BEHIND
      return { job: isBehind ? marksJob(policy, all, size) : undefined, done }
    },
    extended: (from, to) => {
      for (const [id, upTo] of upToByKind) if (upTo === from) upToByKind.set(id, to)
    },
  }
}

interface Found {
  readonly marks: FoundMarks
  readonly upTo: number
}

function storedUpTo({ markKinds }: Policy, { state }: ReadResult): number {
  return Math.min(...markKinds.map(({ id }) => parseMarkKind(state.get(markKindKey(id))?.value)?.upTo ?? 0))
}

function merged(one: FoundMarks, other: FoundMarks): FoundMarks {
  const all: FoundMarks = new Map(one)
  for (const [mark, at] of other) all.set(mark, Math.max(at, all.get(mark) ?? at))
  return all
}

function marksJob({ markKinds }: Policy, marks: FoundMarks, upTo: number): CommitJob<undefined> {
  return {
    keys: [...[...marks.keys()].map(markKey), ...markKinds.map(({ id }) => markKindKey(id))],
    apply: (view) => ({
      drafts: [],
      writes: [
        ...[...marks].map(([mark, at]) => markWrite(mark, view.get(markKey(mark)), at)),
        ...markKinds.map(({ id, withinMs }) => {
          const key = markKindKey(id)
          const stored = parseMarkKind(view.get(key))
          // Another policy may have searched further back.
          const window = Math.max(withinMs, stored?.withinMs ?? 0)
          return { key, value: JSON.stringify({ v: 1, upTo: Math.max(upTo, stored?.upTo ?? 0), withinMs: window }) }
        }),
      ],
      value: undefined,
    }),
  }
}
