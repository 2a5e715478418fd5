import { asciiLower } from '../action/capability.ts'
import { capabilityPattern } from '../action/pattern.ts'
import { saltedDigest } from '../action/salted-digest.ts'
import { fromHex } from '../kernel/bytes.ts'
import { type Application, type ApplicationPlace, type To, applied, done, refused } from './application.ts'
import { applySuspension } from './apply-suspension.ts'
import { MAX_GRANTS_PER_ACTOR, grantsKey, grantsWrite, isOver, parseGrants } from './grants.ts'
import type { Envelope } from './inbox.ts'
import {
  type PendingRequest,
  isSigned,
  isWaiting,
  leaveBacklog,
  parseRequest,
  requestKey,
  requestKeys,
  requestWrite,
} from './requests.ts'
import type {
  ApproveStatement,
  GrantStatement,
  RejectStatement,
  RevokeStatement,
  SignedStatement,
} from './statement.ts'
import { SUSPENSION } from './suspension.ts'
import { isAmong, keyText, signerOf } from './trusted.ts'

/** The state that applying a statement reads and writes. */
export function statementKeys({ statement, digest, actor }: Envelope): readonly string[] {
  switch (statement.kind) {
    case 'grant':
      return [grantsKey(statement.scope.actor)]
    case 'approve':
    case 'reject':
      return digest === undefined ? [] : requestKeys({ digest, actor: actor ?? '' })
    case 'revoke':
      return revocationKeys(digest, actor)
    case 'suspend':
    case 'resume':
      return [SUSPENSION]
    default:
      return statement satisfies never
  }
}

function revocationKeys(digest: string | undefined, actor: string | undefined): readonly string[] {
  if (digest !== undefined) return [requestKey(digest)]
  return actor === undefined ? [] : [grantsKey(actor)]
}

/** Applies a statement once: whatever does not hold now is refused, in words for whoever signed it. */
export function applyStatement(envelope: Envelope, place: ApplicationPlace): Application {
  const { statement } = envelope
  const name = signerOf(envelope, place.notary)
  if (statement.origin !== place.notary.origin) return refused('it is for another trail')
  if (name === undefined) return refused('it is not signed by an approver who is trusted here')
  const to = { place, name }
  switch (statement.kind) {
    case 'grant':
      return applyGrant(as(envelope, statement), to)
    case 'approve':
      return applyApproval(as(envelope, statement), envelope, to)
    case 'reject':
      return applyRejection(as(envelope, statement), envelope, to)
    case 'revoke':
      return applyRevocation(as(envelope, statement), envelope, to)
    case 'suspend':
    case 'resume':
      return applySuspension(as(envelope, statement), to)
    default:
      return statement satisfies never
  }
}

// Where to look; what it says is held against what is found there.
type Hint = Pick<Envelope, 'digest' | 'actor'>

// The type of the statement is known, so that of the whole is.
function as<Own extends SignedStatement['statement']>(
  { sig }: Envelope,
  statement: Own,
): { readonly statement: Own; readonly sig: string } {
  return { statement, sig }
}

function applyGrant(signed: SignedStatement<GrantStatement>, to: To): Application {
  const { place, name } = to
  const { scope, expires_at: expiresAt, id } = signed.statement
  const fault = scopeFault(scope.capability, scope.environment)
  if (fault !== undefined) return refused(fault)
  if (isAmong(signed, name, [scope.actor])) return refused('nobody can grant anything to themselves')
  if (expiresAt <= place.now) return refused('it has expired already')
  if (expiresAt - place.now > place.maxGrantMs) {
    return refused(`a grant lives at most ${String(Math.floor(place.maxGrantMs / 60_000))} minutes here`)
  }
  const held = parseGrants(place.get(grantsKey(scope.actor))).filter((grant) => !isOver(grant, place.now))
  if (held.some((grant) => grant.statement.id === id)) return refused('it was applied already')
  if (held.length >= MAX_GRANTS_PER_ACTOR) {
    return refused(`the actor holds ${String(held.length)} grants already; revoke some, or wait for them to expire`)
  }
  const grant = { ...applied(signed, to), used: 0, returned: 0, revoked: null }
  return done([grantsWrite(scope.actor, [...held, grant])], { grant })
}

function scopeFault(capability: string, environment: string | null): string | undefined {
  try {
    capabilityPattern(capability, 'narrow')
  } catch {
    return 'its capability is not a pattern of three parts'
  }
  // Events have folded environments, so another one would never match.
  return environment === null || asciiLower(environment) === environment ? undefined : 'its environment is not folded'
}

function applyApproval(signed: SignedStatement<ApproveStatement>, hint: Hint, to: To): Application {
  const { place, name } = to
  const found = waitingRequest(signed, hint, place)
  if (typeof found === 'string') return refused(found)
  const { statement } = signed
  if (isAmong(signed, name, [found.actor])) return refused('nobody can approve their own action')
  if (statement.expires_at > found.expiresAt + found.grantMs)
    return refused('it would count for longer than its rule says')
  if (found.approvals.some((other) => keyText(other.statement.key) === keyText(statement.key))) {
    return refused('the same approver signed this request already')
  }
  const request = { ...found, approvals: [...found.approvals, applied(signed, to)] }
  return done([requestWrite(request), ...(isSigned(request) ? [leaveBacklog(place, request)] : [])], { request })
}

function applyRejection(signed: SignedStatement<RejectStatement>, hint: Hint, to: To): Application {
  const { place } = to
  const found = waitingRequest(signed, hint, place)
  if (typeof found === 'string') return refused(found)
  const request = { ...found, rejection: applied(signed, to) }
  return done([requestWrite(request), leaveBacklog(place, request)], { request })
}

// The request that a statement answers, or why it cannot be answered.
function waitingRequest(
  { statement }: SignedStatement<ApproveStatement | RejectStatement>,
  { digest, actor }: Hint,
  place: ApplicationPlace,
): PendingRequest | string {
  const request = digest === undefined ? undefined : parseRequest(place.get(requestKey(digest)))
  if (request?.id !== statement.request || request.actor !== actor) return 'there is no such request'
  if (saltedDigest(request.digest, fromHex(request.salt) ?? new Uint8Array()) !== statement.digest) {
    return 'the request is for another action than the one that was shown'
  }
  if (request.rejection !== null) return 'the request was rejected'
  if (request.used !== request.returned) return 'the request was approved and used already'
  return isWaiting(request, place.now) ? request : 'the request has expired'
}

function applyRevocation(signed: SignedStatement<RevokeStatement>, { digest, actor }: Hint, to: To): Application {
  const { place } = to
  const { grant: id } = signed.statement
  if (digest !== undefined) {
    const request = parseRequest(place.get(requestKey(digest)))
    if (request?.approvals.some(({ statement }) => statement.id === id) !== true)
      return refused('there is no such approval')
    const taken = { ...request, revoked: [...new Set([...request.revoked, id])] }
    return done([requestWrite(taken)], { request: taken })
  }
  const held = actor === undefined ? [] : parseGrants(place.get(grantsKey(actor)))
  const grant = held.find(({ statement }) => statement.id === id)
  if (actor === undefined || grant === undefined) return refused('there is no such grant')
  if (grant.revoked !== null) return refused('it was revoked already')
  const revoked = { ...grant, revoked: applied(signed, to) }
  return done([grantsWrite(actor, [...held.filter((each) => each !== grant), revoked])], { grant: revoked })
}
