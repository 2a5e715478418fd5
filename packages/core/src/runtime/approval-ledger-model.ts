import type { HeldGrant } from '../approval/grants.ts'
import type { PendingRequest } from '../approval/requests.ts'
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

/** What the trail says of approvals, limits and suspensions, as far as it still matters. */
export interface TrailState {
  readonly grants: Map<string, TrailGrant>
  readonly requests: Map<string, TrailRequest>
  /** The request that an approval belongs to, and the trusted name of whoever signed it, by the approval's id. */
  readonly approvals: Map<string, { readonly request: string; readonly by: string }>
  /** The newest request for an action, by its raw digest. */
  readonly requestByDigest: Map<string, string>
  readonly counters: Map<string, TrailCounter>
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
    targets: new Map(),
    hasForgotten: false,
  }
}

/** When a request can no longer matter: neither can it be answered, nor what was answered be used. */
export function requestEndsAt({ expiresAt, grantMs }: Pick<PendingRequest, 'expiresAt' | 'grantMs'>): number {
  return expiresAt + grantMs
}

// Up to so many things of a kind are kept whatever the clock says, for it may have stepped ahead and back.
const KEPT = 10_000
const SLACK_MS = 3_600_000

/** Forgets what can no longer matter, once there is much of it. To be called now and then, with the newest time seen. */
export function forgetOld(state: TrailState): (newestAt: number) => void {
  const limits = { grants: KEPT, requests: KEPT, counters: KEPT, targets: KEPT }
  const prune = <Key, Value>(
    kind: keyof typeof limits,
    map: Map<Key, Value>,
    isOver: (value: Value) => boolean,
    dropped: (key: Key, value: Value) => void = () => undefined,
  ): void => {
    if (map.size <= limits[kind]) return
    for (const [key, value] of map) {
      if (!isOver(value)) continue
      map.delete(key)
      dropped(key, value)
      state.hasForgotten = true
    }
    limits[kind] = Math.max(KEPT, map.size * 2)
  }
  return (newestAt) => {
    const before = newestAt - SLACK_MS
    prune('grants', state.grants, ({ statement }) => statement.expires_at < before)
    prune(
      'requests',
      state.requests,
      (request) => requestEndsAt(request) < before,
      (id, { approvals, digest }) => {
        for (const { statement } of approvals) state.approvals.delete(statement.id)
        if (state.requestByDigest.get(digest) === id) state.requestByDigest.delete(digest)
      },
    )
    prune('counters', state.counters, ({ chargedAt, perMs }) => chargedAt + 2 * perMs < before)
    prune('targets', state.targets, ({ statement }) => statement.kind === 'resume')
  }
}
