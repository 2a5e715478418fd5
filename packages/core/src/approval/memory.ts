import { boundedMap } from '../kernel/bounded-map.ts'
import { boundedSet } from '../kernel/bounded-set.ts'
import type { HeldGrant } from './grants.ts'
import type { PendingRequest } from './requests.ts'
import { type TargetState, lifts } from './suspension.ts'

// How many things of each kind a process remembers.
const MAX_REMEMBERED = 100_000

/**
 * What a process saw of approvals, in commits that were durable. A database writer may set such things back; whoever saw
 * them does not believe it.
 */
export interface ApprovalMemory {
  sawGrant(grant: HeldGrant): void
  sawRequest(request: PendingRequest): void
  sawCounter(key: string, value: string): void
  /** `isTrusted`: whether somebody trusted signed an entry; a resume counts only then. */
  sawSuspension(entries: readonly TargetState[], isTrusted: (entry: TargetState) => boolean): void
  /** A grant as the state shows it, but with the uses and the revocation that were seen before. */
  believe(grant: HeldGrant): HeldGrant | undefined
  /** Whether the approvals of a request were used, or it was rejected, whatever the state shows. */
  isUsed(request: PendingRequest): boolean
  /** The end of a rejection that was seen, where there was one. */
  rejectedUntil(digest: string): number | undefined
  counter(key: string): string | undefined
  /** By target: the suspensions that were seen and not lifted since. */
  readonly suspended: ReadonlyMap<string | null, string>
}

/** Nothing seen yet. */
export function approvalMemory(): ApprovalMemory {
  const uses = boundedMap<string, { readonly used: number; readonly returned: number }>(MAX_REMEMBERED)
  const revoked = boundedSet<string>(MAX_REMEMBERED)
  const rejected = boundedMap<string, number>(MAX_REMEMBERED)
  const counters = boundedMap<string, string>(MAX_REMEMBERED)
  const suspended = new Map<string | null, string>()
  return {
    suspended,
    sawGrant: ({ statement: { id }, used, returned, revoked: taken }) => {
      if (used > (uses.get(id)?.used ?? 0)) uses.set(id, { used, returned })
      if (taken !== null) revoked.add(id)
    },
    sawRequest: ({ id, digest, used, returned, rejection, expiresAt, revoked: taken }) => {
      if (used > (uses.get(id)?.used ?? 0)) uses.set(id, { used, returned })
      if (rejection !== null) rejected.set(digest, expiresAt)
      for (const each of taken) revoked.add(each)
    },
    sawCounter: (key, value) => {
      counters.set(key, value)
    },
    sawSuspension: (entries, isTrusted) => {
      for (const entry of entries) {
        const { statement } = entry
        if (statement.kind === 'suspend') suspended.set(statement.actor, statement.id)
        else if (lifts(entry, suspended) && isTrusted(entry)) suspended.delete(statement.actor)
      }
    },
    believe: (grant) => {
      const { id } = grant.statement
      if (grant.revoked === null && revoked.has(id)) return undefined
      return grant.used < (uses.get(id)?.used ?? 0) ? undefined : grant
    },
    isUsed: ({ id, used, approvals, revoked: taken }) =>
      used < (uses.get(id)?.used ?? 0) ||
      approvals.some(({ statement }) => revoked.has(statement.id) && !taken.includes(statement.id)),
    rejectedUntil: (digest) => rejected.get(digest),
    counter: (key) => counters.get(key),
  }
}
