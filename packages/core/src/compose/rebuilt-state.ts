import { COUNTERS, counterKey } from '../approval/counters.ts'
import { GRANTS, type HeldGrant, grantsKey, grantsWrite, isOver, parseGrants } from '../approval/grants.ts'
import { markWrite } from '../approval/marks.ts'
import {
  BACKLOGS,
  type PendingRequest,
  isSigned,
  requestKey,
  requestKeys,
  requestWrite,
  requestEndsAt,
} from '../approval/requests.ts'
import type { StateWrite } from '../approval/state-store.ts'
import { MAX_TARGETS, SUSPENSION, type TargetState } from '../approval/suspension.ts'
import { hex } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { Ids } from '../kernel/ports.ts'
import type { PolicyArchive } from '../runtime/approval-ledger-archive.ts'
import { type TrailGrant, type TrailRequest, type TrailState } from '../runtime/approval-ledger-model.ts'
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
    ...markWrites(trail, standing),
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

function heldGrant({ lastUse: _lastUse, ...grant }: TrailGrant): HeldGrant {
  return grant
}

function grantWrites(grants: readonly HeldGrant[], { entries, now }: StandingState): readonly StateWrite[] {
  const wanted = Map.groupBy(grants, ({ statement }) => grantsKey(statement.scope.actor))
  const keys = new Set([...[...entries.keys()].filter((key) => key.startsWith(GRANTS)), ...wanted.keys()])
  return [...keys].flatMap((key) => {
    const own = wanted.get(key) ?? []
    const stands = parseGrants(entries.get(key)?.value).filter((grant) => !isOver(grant, now))
    if (isSame(byId(stands), byId(own))) return []
    const actor = own[0]?.statement.scope.actor
    return [actor === undefined ? { key, value: null } : grantsWrite(actor, own)]
  })
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
  const { context: _context, rules: _rules, policy: _policy, lastUse: _lastUse, revokedBy: _revokedBy, ...rest } = known
  const stands = telling.standing.requests.find(({ id }) => id === known.id)
  const digest = known.digest === '' ? stands?.digest : known.digest
  if (digest === undefined) return undefined
  return { ...rest, digest, salt: saltOf(known, stands, telling), terms: await termsOf(known, stands, telling) }
}

// Nobody has signed under a salt that no record holds, so that a new one does as well.
function saltOf({ salt, digest }: TrailRequest, stands: PendingRequest | undefined, { ids }: Telling): string {
  if (salt !== '') return salt
  const isOwn = stands !== undefined && (digest === '' || stands.digest === digest)
  return isOwn ? stands.salt : hex(ids.bytes(16))
}

async function termsOf(
  { rules, policy }: TrailRequest,
  stands: PendingRequest | undefined,
  { archive }: Telling,
): Promise<PendingRequest['terms']> {
  const archived = await archive(policy)
  if (archived === undefined) return stands?.terms ?? []
  return (rules ?? []).flatMap((rule) => {
    const wanted = archived.termsOf(rule)
    return wanted === undefined ? [] : [{ rule, quorum: wanted.quorum, approvers: wanted.approvers }]
  })
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

// An actor's requests that lack a signature, as the gate counts them, so that no actor asks for more than its policy lets wait.
function backlogWrites(requests: readonly PendingRequest[], { entries, now }: StandingState): readonly StateWrite[] {
  const unanswered = requests.filter(
    (request) => request.rejection === null && now < request.expiresAt && !isSigned(request),
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

// Later marks stay: the gate may have found them in the trail under another policy.
function markWrites({ marks }: TrailState, { marks: stand, now }: StandingState): readonly StateWrite[] {
  const gone = [...marks].filter(([mark, { at, withinMs }]) => now < at + withinMs && (stand.get(mark) ?? -1) < at)
  return gone.map(([mark, { at }]) => markWrite(mark, undefined, at))
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
  const isKept = stand !== undefined && isSame(bySeq(newestOnly(stand)), bySeq(targets))
  if (isKept || (targets.length === 0 && !entries.has(SUSPENSION))) return []
  return [{ key: SUSPENSION, value: targets.length === 0 ? null : JSON.stringify({ v: 1, entries: bySeq(targets) }) }]
}

// What was lifted before is kept for those who saw it stand; the trail tells the newest.
function newestOnly(targets: readonly TargetState[]): readonly TargetState[] {
  return [...new Map(targets.map((entry) => [entry.statement.actor, entry])).values()]
}

function bySeq(targets: readonly TargetState[]): readonly TargetState[] {
  return targets.toSorted((left, right) => left.seq - right.seq)
}

function isSame(one: object, other: object): boolean {
  return canonicalJson(one) === canonicalJson(other)
}
