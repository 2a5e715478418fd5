import { isSetBack, usedUp } from '../approval/counters.ts'
import { type HeldGrant, isLiveGrant, isOver } from '../approval/grants.ts'
import { type PendingRequest, isWaiting } from '../approval/requests.ts'
import type { RecordFault } from '../audit/inspector.ts'
import { compareDecimals, decimal } from '../facts/decimal.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { Json } from '../kernel/json.ts'
import { type TrailGrant, type TrailRequest, type TrailState, requestEndsAt } from './approval-ledger-model.ts'
import type { StandingState } from './approval-ledger-state.ts'

/** What differs between the state and what the trail says. */
export interface StateFinding {
  /** What gives more authority in the state: the first record whose effect is gone, or that had none of this effect. */
  readonly bad: RecordFault | undefined
  /** What gives less: names of grants, requests and counters. */
  readonly less: readonly string[]
}

interface Findings {
  readonly bad: RecordFault[]
  readonly less: Set<string>
}

/** Holds the state against what the trail said up to the very record that the state was read after. */
export function compareState(trail: TrailState, found: StandingState): StateFinding {
  const findings: Findings = { bad: [], less: new Set() }
  compareGrants(trail, found, findings)
  compareRequests(trail, found, findings)
  compareCounters(trail, found, findings)
  compareTargets(trail, found, findings)
  const [bad] = findings.bad.toSorted((left, right) => left.seq - right.seq)
  return { bad, less: [...findings.less] }
}

function compareGrants(trail: TrailState, { grants, now, size }: StandingState, to: Findings): void {
  const held = new Set<string>()
  for (const grant of grants) {
    const { id } = grant.statement
    held.add(id)
    const known = trail.grants.get(id)
    if (known !== undefined) compareGrant(known, grant, to)
    else to.bad.push(unknown(`the grant \`${id}\``, grant.seq, size))
  }
  for (const [id, grant] of trail.grants) {
    if (!held.has(id) && !isOver(grant, now) && isLiveGrant(grant, now)) to.less.add(`the grant \`${id}\``)
  }
}

function compareGrant(known: TrailGrant, found: HeldGrant, to: Findings): void {
  const { id } = known.statement
  const name = `the grant \`${id}\``
  if (!isSameStatement(known, found))
    to.bad.push({ seq: known.seq, what: `applied ${name} otherwise than it stands in the state` })
  if (known.revoked !== null && found.revoked === null) {
    to.bad.push({ seq: known.revoked.seq, what: `took back ${name}, but the state no longer says so` })
  }
  compareUses(known, found, { name, to })
  if (known.revoked === null && found.revoked !== null) to.less.add(name)
}

interface Uses {
  readonly used: number
  readonly returned: number
}

// Both only grow: a use that is missing, or one more that was given back, is a use too many.
function compareUses(
  known: Uses & { readonly lastUse: number | undefined; readonly seq: number },
  found: Uses,
  { name, to }: { readonly name: string; readonly to: Findings },
): void {
  const seq = known.lastUse ?? known.seq
  if (found.used < known.used) to.bad.push({ seq, what: `used ${name}, but that use is gone from the state` })
  if (found.returned > known.returned) {
    to.bad.push({ seq, what: `is the newest about ${name}, of which the state gave back more than any record did` })
  }
  if (found.used > known.used || found.returned < known.returned) to.less.add(name)
}

function compareRequests(trail: TrailState, { requests, now, size }: StandingState, to: Findings): void {
  const held = new Set<string>()
  for (const request of requests) {
    held.add(request.id)
    const known = trail.requests.get(request.id)
    if (known !== undefined) compareRequest(known, request, to)
    else to.bad.push(unknown(`the request \`${request.id}\``, request.seq, size))
  }
  for (const [id, known] of trail.requests) {
    if (held.has(id) || now >= requestEndsAt(known) || isReplaced(trail, known)) continue
    if (known.rejection !== null && now < known.expiresAt) {
      to.bad.push({ seq: known.rejection.seq, what: `rejected the request \`${id}\`, which is gone from the state` })
    }
    const matters = known.digest !== '' && (isWaiting({ ...known, terms: [] }, now) || known.approvals.length > 0)
    if (matters && known.used === known.returned) to.less.add(`the request \`${id}\``)
  }
}

function isReplaced(trail: TrailState, { id, digest }: TrailRequest): boolean {
  return digest !== '' && trail.requestByDigest.get(digest) !== id
}

function compareRequest(known: TrailRequest, found: PendingRequest, to: Findings): void {
  const name = `the request \`${known.id}\``
  const isOther = known.digest !== '' && known.digest !== found.digest
  const isLonger = found.expiresAt > known.expiresAt || found.grantMs > known.grantMs
  if (isOther || isLonger || found.actor !== known.actor) {
    to.bad.push({ seq: known.seq, what: `asked ${name} otherwise than it stands in the state` })
  }
  if (known.rejection !== null && found.rejection === null) {
    to.bad.push({ seq: known.rejection.seq, what: `rejected ${name}, but the state no longer says so` })
  }
  for (const [id, seq] of known.revokedBy) {
    if (!found.revoked.includes(id)) {
      to.bad.push({ seq, what: `took back the approval \`${id}\`, but the state no longer says so` })
    }
  }
  for (const approval of found.approvals) {
    const own = known.approvals.find(({ statement }) => statement.id === approval.statement.id)
    if (own === undefined || !isSameStatement(own, approval)) {
      const what = `is no record of the approval \`${approval.statement.id}\` that stands in the state`
      to.bad.push({ seq: own?.seq ?? known.seq, what })
    }
  }
  compareUses(known, found, { name, to })
  const isLess =
    found.approvals.length < known.approvals.length ||
    found.revoked.length > known.revoked.length ||
    (found.rejection !== null && known.rejection === null) ||
    found.expiresAt < known.expiresAt
  if (isLess) to.less.add(name)
}

function compareCounters(trail: TrailState, { counters, now }: StandingState, to: Findings): void {
  for (const [counter, { value, perMs, lastCharge }] of trail.counters) {
    const found = counters.get(counter)
    const name = `the counter \`${counter.slice(0, 12)}…\``
    const known = decimal(usedUp(value, perMs, now) ?? '')
    const stands = decimal(usedUp(found, perMs, now) ?? '')
    if (known === undefined) continue
    if (stands === undefined) to.less.add(name)
    else if (compareDecimals(stands, known) < 0 || isSetBack(value, found, { perMs, now })) {
      to.bad.push({ seq: lastCharge, what: `was charged to ${name}, which counts less in the state` })
    } else if (compareDecimals(stands, known) > 0) to.less.add(name)
  }
  for (const counter of counters.keys()) {
    if (!trail.counters.has(counter) && !trail.hasForgotten) to.less.add(`the counter \`${counter.slice(0, 12)}…\``)
  }
}

function compareTargets(trail: TrailState, { targets, size }: StandingState, to: Findings): void {
  if (targets === undefined) {
    to.less.add('the list of suspensions')
    return
  }
  const found = new Map(targets.map((entry) => [entry.statement.actor, entry]))
  for (const [actor, { statement, seq }] of trail.targets) {
    if (statement.kind === 'suspend' && found.get(actor)?.statement.kind !== 'suspend') {
      to.bad.push({ seq, what: `suspended ${nameOf(actor)}, but the state no longer says so` })
    }
  }
  for (const [actor, { statement, seq }] of found) {
    const known = trail.targets.get(actor)?.statement
    if (statement.kind === 'suspend' && known?.kind !== 'suspend') to.less.add(`the suspension of ${nameOf(actor)}`)
    // Without a suspension there is nothing that it could lift.
    if (statement.kind === 'suspend' && known?.kind === 'suspend' && known.id !== statement.id) {
      to.bad.push(unknown(`the suspension of ${nameOf(actor)}`, seq, size))
    }
  }
}

function nameOf(actor: string | null): string {
  return actor === null ? 'all actors' : `\`${actor}\``
}

// The record that the state itself names, where there is one; else the last.
function unknown(what: string, seq: number, size: number): RecordFault {
  return {
    seq: seq >= 0 && seq < size ? seq : size - 1,
    what: `does not apply ${what}, though the state says that some record did`,
  }
}

function isSameStatement(known: { readonly statement: object; readonly at: number }, found: typeof known): boolean {
  return known.at === found.at && textOf(known.statement) === textOf(found.statement)
}

function textOf(statement: object): string {
  return canonicalJson(statement as unknown as Json) // statements are JSON
}
