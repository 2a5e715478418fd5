import { type CapabilityPattern, covers } from '../action/pattern.ts'
import { usesLeft } from '../approval/grants.ts'
import type { GrantScope } from '../approval/statement.ts'
import type { StoredValue } from '../audit/chain-store.ts'
import { DIGEST_PATH } from '../audit/commitment.ts'
import type { Cuttable, DecisionBody, RecordedEvent } from '../audit/record-body.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { ArchivedPolicy } from '../policy/archived-policy.ts'
import type { TrailGrant, TrailRequest, TrailState } from './approval-ledger-model.ts'
import { put } from './approval-ledger-statements.ts'
import type { Support } from './approval-ledger-support.ts'

/** The raw action digest of a record, where it is kept; the empty text otherwise. */
export function keptDigest(values: readonly StoredValue[]): string {
  return values.find(({ path }) => path === DIGEST_PATH)?.value ?? ''
}

// What an event is but for its id and time; empty where some of it was too large to keep.
function contextOf(event: RecordedEvent): string {
  const { id: _id, at: _at, ...context } = event
  return isWhole(event) ? canonicalJson(context) : ''
}

// Whether two things are known to differ: what is not kept is empty, and differs from nothing.
function differ(one: string, other: string): boolean {
  return one !== '' && other !== '' && one !== other
}

/** Takes in that a decision asks; answers what is wrong with it, if anything. */
export function asked(body: DecisionBody, values: readonly StoredValue[], state: TrailState): string | undefined {
  const { request, event, at, chain, seq, writer, rules, policy } = body
  if (request === null || !('capability' in event)) return undefined
  const { id, expires_at: expiresAt } = request
  const digest = keptDigest(values)
  const context = contextOf(event)
  const known = state.requests.get(id)
  if (known !== undefined) {
    const isOther = differ(known.context, context) || differ(known.digest, digest)
    if (isOther) return `asks under the request \`${id}\`, which is for another action`
    // People are shown what the rules wanted when they last asked.
    put(state, { ...known, rules: listOf(rules), policy })
    return undefined
  }
  const no = standingNo(digest, at, state)
  if (no !== undefined) return `asks again, though record ${String(no)} rejected this very action`
  put(state, {
    ...UNANSWERED,
    id,
    digest,
    actor: textOf(event.actor),
    capability: event.capability,
    context,
    createdAt: at,
    expiresAt,
    grantMs: expiresAt - at,
    chain,
    seq,
    writer,
    rules: listOf(rules),
    policy,
  })
  return undefined
}

const UNANSWERED = {
  v: 1,
  salt: '',
  approvals: [],
  rejection: null,
  used: 0,
  returned: 0,
  revoked: [],
  lastUse: undefined,
  revokedBy: new Map<string, number>(),
} as const

// The record of a no to the very action that still stands at a time.
function standingNo(digest: string, at: number, state: TrailState): number | undefined {
  const request = digest === '' ? undefined : state.requests.get(state.requestByDigest.get(digest) ?? '')
  return request !== undefined && request.rejection !== null && at < request.expiresAt
    ? request.rejection.seq
    : undefined
}

/** The grants and approvals that a decision names, or what is wrong with one of them. */
export function supportOf(
  body: DecisionBody,
  { values, state, policy }: Looking,
): Support | { readonly fault: string } | undefined {
  const { event, at } = body
  const ids = listOf(body.grants)
  if (ids === null || !('capability' in event)) return undefined
  if (new Set(ids).size !== ids.length) return { fault: 'rests twice on one statement' }
  const grants = ids.flatMap((id) => state.grants.get(id) ?? [])
  const approvals = ids.filter((id) => state.approvals.has(id))
  const stray = ids.find((id) => !state.grants.has(id) && !state.approvals.has(id))
  if (stray !== undefined) return { fault: `rests on \`${stray}\`, which no record before it applied` }
  const requests = new Set(approvals.map((id) => state.approvals.get(id)?.request ?? ''))
  if (requests.size > 1) return { fault: 'rests on approvals of several requests' }
  const request = state.requests.get([...requests][0] ?? '')
  const use: Use = { event, at, digest: keptDigest(values), policy }
  const no = standingNo(use.digest, at, state)
  if (no !== undefined) return { fault: `is approved, though record ${String(no)} rejected this very action` }
  const faults = [
    ...grants.map((grant) => grantFault(grant, use)),
    ...(request === undefined ? [] : approvals.map((id) => approvalFault(id, request, use))),
  ]
  const fault = faults.find((each) => each !== undefined)
  if (fault !== undefined) return { fault }
  return { at, agents: agentsIn(event), rules: listOf(body.rules), grants, approvals, request }
}

/** What a decision is held against. */
export interface Looking {
  readonly values: readonly StoredValue[]
  readonly state: TrailState
  readonly policy: ArchivedPolicy | undefined
}

/** Whoever acts in a recorded event, as far as it could be kept. */
export function agentsIn({ actor, actor_chain: chain }: RecordedEvent): readonly string[] {
  return [textOf(actor), ...(listOf(chain ?? []) ?? [])].filter((name) => name !== '')
}

/** Whether all of an event is kept as it was, and none of it as a digest. */
export function isWhole(event: RecordedEvent): boolean {
  return Object.values(event).every((value) => typeof value !== 'object' || Array.isArray(value))
}

/** Counts the use of what a decision rests on: each grant once, the approvals together once. */
export function countUse({ grants, request }: Support, seq: number, state: TrailState): void {
  for (const grant of grants) {
    state.grants.set(grant.statement.id, { ...grant, used: grant.used + 1, lastUse: seq })
  }
  if (request !== undefined) state.requests.set(request.id, { ...request, used: request.used + 1, lastUse: seq })
}

/** Gives back the uses of a decision that is known never to have run. */
export function giveBackUses(body: DecisionBody, state: TrailState): void {
  const ids = listOf(body.grants) ?? []
  for (const id of ids) giveBackGrant(id, state)
  const requests = new Set(ids.flatMap((id) => state.approvals.get(id)?.request ?? []))
  for (const id of requests) giveBackRequest(id, state)
}

function giveBackGrant(id: string, { grants }: TrailState): void {
  const grant = grants.get(id)
  if (grant !== undefined && grant.returned < grant.used) grants.set(id, { ...grant, returned: grant.returned + 1 })
}

function giveBackRequest(id: string, { requests, requestByDigest }: TrailState): void {
  const request = requests.get(id)
  if (request === undefined || request.returned >= request.used) return
  // A newer request for the same action has its own approvals.
  const isNewest = request.digest === '' || requestByDigest.get(request.digest) === id
  if (isNewest) requests.set(id, { ...request, returned: request.returned + 1 })
}

interface Use {
  readonly event: RecordedEvent
  readonly at: number
  readonly digest: string
  readonly policy: ArchivedPolicy | undefined
}

function grantFault(grant: TrailGrant, { event, at, policy }: Use): string | undefined {
  const { statement, revoked } = grant
  const { id, scope, expires_at: expiresAt } = statement
  const wrong = (why: string): string => `rests on the grant \`${id}\`, which ${why}`
  if (revoked !== null) return wrong(`record ${String(revoked.seq)} took back`)
  if (at >= expiresAt) return wrong('had expired')
  if (usesLeft(grant) === 0) return wrong('was used up')
  if (policy !== undefined && expiresAt - grant.at > policy.maxGrantMs)
    return wrong('lives longer than its policy lets')
  return coversEvent(scope, event) ? undefined : wrong('does not cover it')
}

function coversEvent(scope: GrantScope, event: RecordedEvent): boolean {
  return (
    isSame(scope.actor, event.actor) &&
    covers(scope.capability as CapabilityPattern, event.capability, 'narrow') && // checked when it was applied
    isSame(scope.session, event.session) &&
    isSame(scope.environment, event.environment) &&
    isSame(scope.tenant, event.tenant)
  )
}

// What was too large to keep cannot be held against anything.
function isSame(wanted: string | null, found: Cuttable<string> | undefined): boolean {
  return wanted === null || wanted === found || typeof found === 'object'
}

function approvalFault(id: string, request: TrailRequest, { event, at, digest }: Use): string | undefined {
  const wrong = (why: string): string => `rests on the approval \`${id}\`, which ${why}`
  const approval = request.approvals.find(({ statement }) => statement.id === id)
  if (request.rejection !== null) return wrong(`record ${String(request.rejection.seq)} overruled with a no`)
  if (request.used !== request.returned) return wrong(`record ${String(request.lastUse)} used already`)
  if (request.revoked.includes(id)) return wrong(`record ${String(request.revokedBy.get(id))} took back`)
  if (approval === undefined || at >= approval.statement.expires_at) return wrong('had expired')
  const isOther = differ(request.context, contextOf(event)) || differ(request.digest, digest)
  return isOther ? wrong('is for another action') : undefined
}

function textOf(text: Cuttable<string>): string {
  return typeof text === 'string' ? text : ''
}

function listOf(list: Cuttable<readonly string[]>): readonly string[] | null {
  return Array.isArray(list) ? (list as readonly string[]) : null // `isArray` forgets the type of the elements
}
