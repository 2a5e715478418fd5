import { boundedMap } from '../kernel/bounded-map.ts'
import { boundedSet } from '../kernel/bounded-set.ts'
import { type Charge, type OwnCharges, ownCharges } from './counters.ts'
import type { HeldGrant } from './grants.ts'
import type { PendingRequest } from './requests.ts'
import { type TargetState, lifts, parseSuspension } from './suspension.ts'

// How many things of each kind a process remembers.
const MAX_REMEMBERED = 100_000

/** How often something was used and given back, by what the state says. */
interface Uses {
  readonly used: number
  readonly returned: number
}

/**
 * What a process saw of approvals, in commits that were durable, and what it used up itself. A database writer may set
 * such things back; whoever saw them does not believe it.
 */
export interface ApprovalMemory {
  sawGrant(grant: HeldGrant): void
  sawRequest(request: PendingRequest): void
  /** Uses of grants and requests, by id, that this process made (1) or gave back (-1). */
  sawOwnUses(ids: readonly string[], change: 1 | -1): void
  sawCharge(charge: Charge, way: 'charged' | 'returned'): void
  sawMark(mark: string, at: number): void
  /** `isTrusted`: whether somebody trusted signed an entry; nothing else is remembered. */
  sawSuspension(entries: readonly TargetState[], isTrusted: (entry: TargetState) => boolean): void
  /** A grant as the state shows it; undefined where it was used or revoked by more than the state says. */
  believe(grant: HeldGrant): HeldGrant | undefined
  /** Whether the approvals of a request were used, or one was revoked, whatever the state shows. */
  isUsed(request: PendingRequest): boolean
  /** The end of a rejection that was seen, where there was one. */
  rejectedUntil(digest: string): number | undefined
  ownCharges(counter: string): OwnCharges | undefined
  markedAt(mark: string): number | undefined
  /** The entries in the state's text of suspensions, read once for each text. */
  suspensions(value: string | undefined): readonly TargetState[]
  /** By target: the suspensions that were seen and not lifted since. */
  readonly suspended: ReadonlyMap<string | null, string>
}

/** Nothing seen yet. */
export function approvalMemory(): ApprovalMemory {
  const uses = boundedMap<string, Uses>(MAX_REMEMBERED)
  const own = boundedMap<string, number>(MAX_REMEMBERED)
  const revoked = boundedSet<string>(MAX_REMEMBERED)
  const rejected = boundedMap<string, number>(MAX_REMEMBERED)
  const charges = boundedMap<string, OwnCharges>(MAX_REMEMBERED)
  const marks = boundedMap<string, number>(MAX_REMEMBERED)
  const suspended = new Map<string | null, string>()
  let read: { readonly value: string | undefined; readonly entries: readonly TargetState[] } | undefined

  function saw(id: string, found: Uses): void {
    if (found.used > (uses.get(id)?.used ?? 0)) uses.set(id, found)
  }

  function isFewer(id: string, { used, returned }: Uses): boolean {
    return used < (uses.get(id)?.used ?? 0) || used - returned < (own.get(id) ?? 0)
  }

  return {
    suspended,
    sawGrant: ({ statement: { id }, used, returned, revoked: taken }) => {
      saw(id, { used, returned })
      if (taken !== null) revoked.add(id)
    },
    sawRequest: ({ id, digest, used, returned, rejection, expiresAt, revoked: taken }) => {
      saw(id, { used, returned })
      if (rejection !== null) rejected.set(digest, Math.max(expiresAt, rejected.get(digest) ?? expiresAt))
      for (const each of taken) revoked.add(each)
    },
    sawOwnUses: (ids, change) => {
      for (const id of ids) own.set(id, Math.max(0, (own.get(id) ?? 0) + change))
    },
    sawCharge: (charge, way) => {
      charges.set(charge.counter, ownCharges(charges.get(charge.counter), charge, way))
    },
    sawMark: (mark, at) => {
      marks.set(mark, Math.max(at, marks.get(mark) ?? at))
    },
    sawSuspension: (entries, isTrusted) => {
      for (const entry of entries) {
        const { statement } = entry
        if (statement.kind === 'suspend' && isTrusted(entry)) suspended.set(statement.actor, statement.id)
        else if (lifts(entry, suspended) && isTrusted(entry)) suspended.delete(statement.actor)
      }
    },
    believe: (grant) => {
      const { id } = grant.statement
      if (grant.revoked === null && revoked.has(id)) return undefined
      return isFewer(id, grant) ? undefined : grant
    },
    isUsed: (request) =>
      isFewer(request.id, request) ||
      request.approvals.some(({ statement: { id } }) => revoked.has(id) && !request.revoked.includes(id)),
    rejectedUntil: (digest) => rejected.get(digest),
    ownCharges: (counter) => charges.get(counter),
    markedAt: (mark) => marks.get(mark),
    suspensions: (value) => {
      if (read?.value !== value) read = { value, entries: parseSuspension(value) }
      return read?.entries ?? []
    },
  }
}
