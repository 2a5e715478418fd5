import { COUNTERS, counterKey } from '../approval/counters.ts'
import { GRANTS, type HeldGrant, grantsKey, grantsWrite, isOver, parseGrants } from '../approval/grants.ts'
import { BACKLOGS, type PendingRequest, requestKey, requestKeys, requestWrite } from '../approval/requests.ts'
import type { StateWrite } from '../approval/state-store.ts'
import { MAX_TARGETS, SUSPENSION, type TargetState } from '../approval/suspension.ts'
import { hex } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { Json } from '../kernel/json.ts'
import type { Ids } from '../kernel/ports.ts'
import type { PolicyArchive } from '../runtime/approval-ledger-archive.ts'
import { type TrailGrant, type TrailRequest, type TrailState, requestEndsAt } from '../runtime/approval-ledger-model.ts'
import type { StandingState } from '../runtime/approval-ledger-state.ts'

/** What the trail says, and what else it takes to write it as state. */
export interface Telling {
  readonly trail: TrailState
  readonly standing: StandingState
  readonly archive: PolicyArchive
  readonly ids: Pick<Ids, 'bytes'>
}

/** State as the trail tells it. */
export interface RebuiltState {
  /** Only what differs from what stands. */
  readonly writes: readonly StateWrite[]
  readonly grants: number
  readonly requests: number
  readonly counters: number
  readonly suspensions: number
  /** Requests whose action the trail no longer keeps: nobody can find them, so their approvals are lost. */
  readonly lost: number
}

/** The state that the trail tells, and the writes that make it so. */
export async function rebuiltState(telling: Telling): Promise<RebuiltState> {
  const { trail, standing } = telling
  const grants = [...trail.grants.values()].filter((grant) => !isOver(grant, standing.now)).map(heldGrant)
  const { requests, lost } = await requestsOf(telling)
  const targets = targetsOf(trail)
  const counters = [...trail.counters].filter(([, { chargedAt, perMs }]) => standing.now < chargedAt + 2 * perMs)
  const writes = [
    ...grantWrites(grants, standing),
    ...requestWrites(requests, standing),
    ...backlogWrites(requests, standing),
    ...counterWrites(
      trail,
      counters.map(([counter, { value }]) => [counter, value]),
      standing,
    ),
    ...targetWrites(targets, standing),
  ]
  return {
    writes,
    grants: grants.length,
    requests: requests.length,
    counters: counters.length,
    suspensions: targets.filter(({ statement }) => statement.kind === 'suspend').length,
    lost,
  }
}

function heldGrant({ lastUse: _lastUse, by: _by, ...grant }: TrailGrant): HeldGrant {
  return grant
}

function grantWrites(grants: readonly HeldGrant[], { entries, now }: StandingState): readonly StateWrite[] {
  const wanted = Map.groupBy(grants, ({ statement }) => statement.scope.actor)
  const keys = new Set([...wanted.keys()].map(grantsKey))
  const stray = [...entries.keys()].filter((key) => key.startsWith(GRANTS) && !keys.has(key))
  return [
    ...stray.map((key) => ({ key, value: null })),
    ...[...wanted].flatMap(([actor, own]) => {
      const stands = parseGrants(entries.get(grantsKey(actor))?.value).filter((grant) => !isOver(grant, now))
      return isSame(byId(stands), byId(own)) ? [] : [grantsWrite(actor, own)]
    }),
  ]
}

function byId(grants: readonly HeldGrant[]): readonly HeldGrant[] {
  return grants.toSorted((left, right) => (left.statement.id < right.statement.id ? -1 : 1))
}

async function requestsOf(telling: Telling): Promise<{ requests: readonly PendingRequest[]; lost: number }> {
  const { trail, standing } = telling
  const known = [...trail.requests.values()].filter(
    (request) =>
      standing.now < requestEndsAt(request) &&
      (request.digest === '' || trail.requestByDigest.get(request.digest) === request.id),
  )
  const made: PendingRequest[] = []
  for (const request of known) {
    const found = await pendingRequest(request, telling)
    if (found !== undefined) made.push(found)
  }
  return { requests: made, lost: known.length - made.length }
}

async function pendingRequest(known: TrailRequest, telling: Telling): Promise<PendingRequest | undefined> {
  const { context: _context, rules, policy, lastUse: _lastUse, revokedBy: _revokedBy, ...request } = known
  const stands = telling.standing.requests.find(({ id }) => id === known.id)
  const digest = known.digest === '' ? stands?.digest : known.digest
  if (digest === undefined) return undefined
  const archived = await telling.archive(policy)
  const terms = archived
    ? (rules ?? []).flatMap((rule) => {
        const wanted = archived.termsOf(rule)
        return wanted === undefined ? [] : [{ rule, quorum: wanted.quorum, approvers: wanted.approvers }]
      })
    : (stands?.terms ?? [])
  // Nobody has signed under a salt that no record holds, so that a new one does as well.
  const salt = known.salt === '' ? (stands?.digest === digest ? stands.salt : hex(telling.ids.bytes(16))) : known.salt
  return { ...request, digest, salt, terms }
}

function requestWrites(requests: readonly PendingRequest[], standing: StandingState): readonly StateWrite[] {
  const keys = new Set(requests.map(({ digest }) => requestKey(digest)))
  const stray = standing.requests.map(({ digest }) => requestKey(digest)).filter((key) => !keys.has(key))
  const changed = requests.filter((request) => {
    const stands = standing.requests.find(({ digest }) => digest === request.digest)
    return stands === undefined || !isSame(stands, request)
  })
  return [...stray.map((key) => ({ key, value: null })), ...changed.map(requestWrite)]
}

// An actor's requests that still wait for a signature, so that no actor asks for more than its policy lets wait.
function backlogWrites(requests: readonly PendingRequest[], { entries, now }: StandingState): readonly StateWrite[] {
  const unanswered = requests.filter(
    ({ rejection, used, approvals, terms, expiresAt }) =>
      rejection === null &&
      used === 0 &&
      now < expiresAt &&
      approvals.length < Math.max(1, ...terms.map(({ quorum }) => quorum)),
  )
  const wanted = new Map<string, readonly WaitingEntry[]>(
    [...entries.keys()].filter((key) => key.startsWith(BACKLOGS)).map((key) => [key, []]),
  )
  for (const [actor, own] of Map.groupBy(unanswered, (request) => request.actor)) {
    const waiting = own.map(({ digest, expiresAt }) => ({ digest, expiresAt }))
    wanted.set(requestKeys({ digest: '', actor })[1] ?? '', waiting)
  }
  return [...wanted].flatMap(([key, own]) => {
    if (isSame(byDigest(own), byDigest(waitingAt(entries.get(key)?.value, now)))) return []
    return [{ key, value: own.length === 0 ? null : JSON.stringify(own) }]
  })
}

interface WaitingEntry {
  readonly digest: string
  readonly expiresAt: number
}

function byDigest(entries: readonly WaitingEntry[]): readonly WaitingEntry[] {
  return entries.toSorted((left, right) => (left.digest < right.digest ? -1 : 1))
}

// What cannot be read is as if nothing stood there, and is written anew.
function waitingAt(value: string | undefined, now: number): readonly WaitingEntry[] {
  try {
    const found = JSON.parse(value ?? '[]') as readonly WaitingEntry[] // compared as a whole, whatever it is
    return found.filter(({ expiresAt }) => now < expiresAt)
  } catch {
    return [{ digest: '', expiresAt: 0 }]
  }
}

function counterWrites(
  { hasForgotten, counters }: TrailState,
  wanted: readonly (readonly [string, string])[],
  { entries }: StandingState,
): readonly StateWrite[] {
  const isStray = (key: string): boolean => !hasForgotten && !counters.has(key.slice(COUNTERS.length))
  const stray = [...entries.keys()].filter((key) => key.startsWith(COUNTERS) && isStray(key))
  return [
    ...stray.map((key) => ({ key, value: null })),
    ...wanted.flatMap(([counter, value]) => {
      const key = counterKey(counter)
      return entries.get(key)?.value === value ? [] : [{ key, value }]
    }),
  ]
}

// What was lifted is remembered as long as there is room, so that an older suspension put back is not believed.
function targetsOf({ targets }: TrailState): readonly TargetState[] {
  const all = [...targets.values()]
  const suspended = all.filter(({ statement }) => statement.kind === 'suspend')
  const lifted = all
    .filter(({ statement }) => statement.kind === 'resume')
    .toSorted((one, other) => other.seq - one.seq)
  return [...suspended, ...lifted.slice(0, Math.max(0, MAX_TARGETS - suspended.length))]
}

function targetWrites(
  targets: readonly TargetState[],
  { entries, targets: stand }: StandingState,
): readonly StateWrite[] {
  const isKept = stand !== undefined && isSame(bySeq(stand), bySeq(targets))
  if (isKept || (targets.length === 0 && !entries.has(SUSPENSION))) return []
  return [{ key: SUSPENSION, value: targets.length === 0 ? null : JSON.stringify({ v: 1, entries: bySeq(targets) }) }]
}

function bySeq(targets: readonly TargetState[]): readonly TargetState[] {
  return targets.toSorted((left, right) => left.seq - right.seq)
}

function isSame(one: object, other: object): boolean {
  return canonicalJson(one as unknown as Json) === canonicalJson(other as unknown as Json) // state is JSON
}
