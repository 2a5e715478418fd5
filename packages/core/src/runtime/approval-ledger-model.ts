import type { HeldGrant } from '../approval/grants.ts'
import { type PendingRequest, requestEndsAt } from '../approval/requests.ts'
import type { TargetState } from '../approval/suspension.ts'

/** A grant as the trail tells it. */
export interface TrailGrant extends HeldGrant {
  /** The newest decision that used it. */
  readonly lastUse: number | undefined
  /** The trusted name of whoever signed it, as its record has it. */
  readonly by: string
}

/** A request as the trail tells it. Digest and salt are empty where the trail no longer keeps them. */
export interface TrailRequest extends Omit<PendingRequest, 'terms'> {
  /** What the asking event was, but for its id and time: RFC 8785 text; empty where not all of it is kept. */
  readonly context: string
  /** The rules that asked; null where they were too large to keep. */
  readonly rules: readonly string[] | null
  /** The digest of the policy that asked. */
  readonly policy: string | null
  /** The newest decision that used its approvals. */
  readonly lastUse: number | undefined
  /** The record that took an approval back, by the approval's id. */
  readonly revokedBy: ReadonlyMap<string, number>
}

/** A counter as the trail tells it, in the form that the state has. */
export interface TrailCounter {
  readonly value: string
  readonly perMs: number
  /** The newest decision that was charged to it, and when. */
  readonly lastCharge: number
  readonly chargedAt: number
}

// When an action with a mark was last allowed, as the trail tells it.
interface TrailMark {
  readonly at: number
  readonly seq: number
  /** How long after that it still matters. */
  readonly withinMs: number
}

/** What the trail says of approvals, limits and suspensions, as far as it still matters. */
export interface TrailState {
  readonly grants: Map<string, TrailGrant>
  readonly requests: Map<string, TrailRequest>
  /** The request that an approval belongs to, and the trusted name of whoever signed it, by the approval's id. */
  readonly approvals: Map<string, { readonly request: string; readonly by: string }>
  /** The newest request for an action, by its raw digest. */
  readonly requestByDigest: Map<string, string>
  readonly counters: Map<string, TrailCounter>
  readonly marks: Map<string, TrailMark>
  /** The newest statement about each target. */
  readonly targets: Map<string | null, TargetState>
  /** True once something was forgotten because its time was over. */
  hasForgotten: boolean
}

/** Nothing said yet. */
export function emptyTrailState(): TrailState {
  return {
    grants: new Map(),
    requests: new Map(),
    approvals: new Map(),
    requestByDigest: new Map(),
    counters: new Map(),
    marks: new Map(),
    targets: new Map(),
    hasForgotten: false,
  }
}

// Up to so many things of a kind are kept whatever the clock says, for it may have stepped ahead and back.
const KEPT = 10_000
const SLACK_MS = 3_600_000

interface Shelf<Key, Value> {
  readonly map: Map<Key, Value>
  isOver(value: Value, before: number): boolean
  dropped?(key: Key, value: Value): void
}

/** Forgets what can no longer matter, once there is much of it. To be called now and then, with the newest time seen. */
export function forgetOld(state: TrailState): (newestAt: number) => void {
  const note = (): void => {
    state.hasForgotten = true
  }
  const sweeps = [
    sweep({ map: state.grants, isOver: ({ statement }, before) => statement.expires_at < before }, note),
    sweep(
      {
        map: state.requests,
        isOver: (request, before) => requestEndsAt(request) < before,
        dropped: (id, { approvals, digest }) => {
          for (const { statement } of approvals) state.approvals.delete(statement.id)
          if (state.requestByDigest.get(digest) === id) state.requestByDigest.delete(digest)
        },
      },
      note,
    ),
    sweep({ map: state.counters, isOver: ({ chargedAt, perMs }, before) => chargedAt + 2 * perMs < before }, note),
    sweep({ map: state.marks, isOver: ({ at, withinMs }, before) => at + withinMs < before }, note),
    sweep({ map: state.targets, isOver: ({ statement }) => statement.kind === 'resume' }, note),
  ]
  return (newestAt) => {
    for (const each of sweeps) each(newestAt - SLACK_MS)
  }
}

function sweep<Key, Value>(shelf: Shelf<Key, Value>, note: () => void): (before: number) => void {
  let limit = KEPT
  return (before) => {
    if (shelf.map.size <= limit) return
    for (const [key, value] of shelf.map) {
      if (!shelf.isOver(value, before)) continue
      shelf.map.delete(key)
      shelf.dropped?.(key, value)
      note()
    }
    limit = Math.max(KEPT, shelf.map.size * 2)
  }
}
