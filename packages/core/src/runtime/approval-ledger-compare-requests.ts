import { type PendingRequest, requestEndsAt } from '../approval/requests.ts'
import {
  type Difference,
  compareUses,
  isSameStatement,
  notApplied,
  otherwise,
  undone,
} from './approval-ledger-difference.ts'
import { type TrailRequest, type TrailState } from './approval-ledger-model.ts'
import type { StandingState } from './approval-ledger-state.ts'

/** Holds the requests in the state against those that the trail tells of. */
export function compareRequests(trail: TrailState, { requests, now, size }: StandingState): readonly Difference[] {
  const held = new Set(requests.map(({ id }) => id))
  const missing = [...trail.requests.values()].filter(
    (known) => !held.has(known.id) && now < requestEndsAt(known) && !isReplaced(trail, known),
  )
  return [
    ...requests.flatMap((request) => {
      const known = trail.requests.get(request.id)
      return known === undefined ? [notApplied(nameOf(request), request.seq, size)] : compareRequest(known, request)
    }),
    ...missing.flatMap((known) => missingRequest(known, now)),
  ]
}

// A newer request for the same action stands in its place.
function isReplaced(trail: TrailState, { id, digest }: TrailRequest): boolean {
  return digest !== '' && trail.requestByDigest.get(digest) !== id
}

// Without a request nothing runs, but what was rejected may be asked again.
function missingRequest(known: TrailRequest, now: number): readonly Difference[] {
  const { rejection, expiresAt, digest, used, returned, approvals } = known
  if (rejection !== null) return now < expiresAt ? [undone('rejected', nameOf(known), rejection.seq)] : []
  const matters = digest !== '' && used === returned && (now < expiresAt || approvals.length > 0)
  return matters ? [nameOf(known)] : []
}

function compareRequest(known: TrailRequest, found: PendingRequest): readonly Difference[] {
  const name = nameOf(known)
  return [
    ...(isOther(known, found) ? [otherwise('asked', name, known.seq)] : []),
    ...compareAnswers(known, found),
    ...compareUses(known, found, name),
    ...(isLess(known, found) ? [name] : []),
  ]
}

function isOther(known: TrailRequest, { digest, expiresAt, grantMs, actor }: PendingRequest): boolean {
  const isLonger = expiresAt > known.expiresAt || grantMs > known.grantMs
  return isLonger || (known.actor !== '' && actor !== known.actor) || (known.digest !== '' && known.digest !== digest)
}

function isLess(known: TrailRequest, { approvals, revoked, rejection, expiresAt }: PendingRequest): boolean {
  const isEnded = rejection !== null && known.rejection === null
  const isCut = approvals.length < known.approvals.length || revoked.length > known.revoked.length
  return isEnded || isCut || expiresAt < known.expiresAt
}

function compareAnswers(known: TrailRequest, found: PendingRequest): readonly Difference[] {
  const { rejection, revokedBy } = known
  const isUndone = rejection !== null && found.rejection === null
  const takenBack = [...revokedBy].filter(([id]) => !found.revoked.includes(id))
  const strays = found.approvals.filter((approval) => {
    const own = known.approvals.find(({ statement }) => statement.id === approval.statement.id)
    return own === undefined || !isSameStatement(own, approval)
  })
  return [
    ...(isUndone ? [undone('rejected', nameOf(known), rejection.seq)] : []),
    ...takenBack.map(([id, seq]) => undone('took back', `the approval \`${id}\``, seq)),
    ...strays.map(({ statement }) => otherwise('asked', `${nameOf(known)} (approval \`${statement.id}\`)`, known.seq)),
  ]
}

function nameOf({ id }: { readonly id: string }): string {
  return `the request \`${id}\``
}
