import { capabilityPattern } from '../action/pattern.ts'
import type { Applied } from '../approval/applied.ts'
import { requestEndsAt } from '../approval/requests.ts'
import {
  type ApproveStatement,
  type GrantStatement,
  type RejectStatement,
  type ResumeStatement,
  type RevokeStatement,
  type SignedStatement,
  type Statement,
  parseSigned,
  statementBytes,
} from '../approval/statement.ts'
import { isAmong, keyText } from '../approval/trusted.ts'
import type { StoredValue } from '../audit/chain-store.ts'
import { DIGEST_PATH } from '../audit/commitment.ts'
import type { StatementBody } from '../audit/record-body.ts'
import { fromBase64, hex } from '../kernel/bytes.ts'
import { ed25519Verifier } from '../kernel/ed25519.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import { type TrailRequest, type TrailState } from './approval-ledger-model.ts'

/** A statement that a record applied, with who signed it and where it stands. */
interface Recorded<Own extends Statement = Statement> {
  readonly applied: Applied<Own>
  /** The trusted name of whoever signed, as the record has it. */
  readonly by: string
  /** The raw digest that it speaks of and its salt, where they are kept. */
  readonly kept: { readonly digest: string; readonly salt: string } | undefined
}

/** Takes a recorded statement into what the trail says; answers what is wrong with it, if anything. */
export function applyRecorded(
  body: StatementBody,
  values: readonly StoredValue[],
  state: TrailState,
): string | undefined {
  const { statement, sig, by, refused, origin, at, chain, seq } = body
  const signed = parseSigned({ statement, sig })
  if (signed === undefined) return 'holds no statement of version 1'
  if (refused !== null) return undefined
  if (by === null) return 'applies a statement that nobody who is trusted signed'
  if (signed.statement.origin !== origin) return 'applies a statement that was signed for another trail'
  if (!isSigned(signed)) return 'applies a statement whose signature does not verify'
  const value = values.find(({ path }) => path === DIGEST_PATH)
  const kept = value && { digest: value.value, salt: hex(value.salt) }
  return apply({ applied: { ...signed, at, chain, seq, by }, by, kept }, state)
}

function apply(recorded: Recorded, state: TrailState): string | undefined {
  const { statement } = recorded.applied
  switch (statement.kind) {
    case 'grant':
      return applyGrant(as(recorded, statement), state)
    case 'approve':
      return applyApproval(as(recorded, statement), state)
    case 'reject':
      return applyRejection(as(recorded, statement), state)
    case 'revoke':
      return applyRevocation(as(recorded, statement), state)
    case 'suspend':
      state.targets.set(statement.actor, as(recorded, statement).applied)
      return undefined
    case 'resume':
      return applyResume(as(recorded, statement), state)
    default:
      return statement satisfies never
  }
}

// The type of the statement is known, so that of the whole is.
function as<Own extends Statement>({ applied, by, kept }: Recorded, statement: Own): Recorded<Own> {
  const { sig, at, chain, seq } = applied
  return { applied: { statement, sig, at, chain, seq, by }, by, kept }
}

function isSigned(signed: SignedStatement): boolean {
  const signature = fromBase64(signed.sig)
  try {
    return (
      signature !== undefined &&
      ed25519Verifier(signed.statement.key).verify(statementBytes(signed.statement), signature)
    )
  } catch (cause) {
    if (isCapFenceError(cause)) return false // no key that could have signed anything
    throw cause
  }
}

function applyGrant({ applied, by }: Recorded<GrantStatement>, state: TrailState): string | undefined {
  const { id, scope, expires_at: expiresAt } = applied.statement
  if (!isPattern(scope.capability)) return `applies the grant \`${id}\`, whose capability is no pattern of three parts`
  if (isAmong(applied, by, [scope.actor])) return `applies the grant \`${id}\`, which its approver gave to themselves`
  if (expiresAt <= applied.at) return `applies the grant \`${id}\` after it had expired`
  const known = state.grants.get(id)
  if (known !== undefined) return `applies the grant \`${id}\`, which record ${String(known.seq)} applied already`
  state.grants.set(id, { ...applied, used: 0, returned: 0, revoked: null, lastUse: undefined, by })
  return undefined
}

function isPattern(text: string): boolean {
  try {
    capabilityPattern(text, 'narrow')
    return true
  } catch {
    return false // no pattern, so it covers nothing
  }
}

function applyApproval({ applied, by, kept }: Recorded<ApproveStatement>, state: TrailState): string | undefined {
  const { statement } = applied
  const found = waiting(applied, state)
  if (typeof found === 'string') return found
  if (isAmong(applied, by, [found.actor])) return 'applies an approval by the very actor that asked'
  if (statement.expires_at > requestEndsAt(found)) return 'applies an approval that counts for longer than was asked'
  const isTwice = found.approvals.some((other) => keyText(other.statement.key) === keyText(statement.key))
  if (isTwice) return `applies a second approval of \`${found.id}\` by the same key`
  const fault = digestFault(applied, found, kept)
  if (fault !== undefined) return fault
  state.approvals.set(statement.id, { request: found.id, by })
  put(state, { ...withDigest(found, kept), approvals: [...found.approvals, applied] })
  return undefined
}

function applyRejection({ applied, kept }: Recorded<RejectStatement>, state: TrailState): string | undefined {
  const found = waiting(applied, state)
  if (typeof found === 'string') return found
  const fault = digestFault(applied, found, kept)
  if (fault === undefined) put(state, { ...withDigest(found, kept), rejection: applied })
  return fault
}

/** Puts a request where it is found by its id, and by its digest where that is known. */
export function put(state: TrailState, request: TrailRequest): void {
  state.requests.set(request.id, request)
  if (request.digest !== '') state.requestByDigest.set(request.digest, request.id)
}

type Answer = Applied<ApproveStatement | RejectStatement>

// The request that a statement answers, or why it could not be answered.
function waiting({ statement, at }: Answer, state: TrailState): TrailRequest | string {
  const { request: id } = statement
  const found = state.requests.get(id)
  if (found === undefined) return `answers the request \`${id}\`, which no decision before it asked`
  const { rejection, used, returned, expiresAt } = found
  if (rejection !== null) return `answers the request \`${id}\`, which record ${String(rejection.seq)} rejected`
  if (used !== returned) return `answers the request \`${id}\`, whose approvals were used already`
  return at < expiresAt ? found : `answers the request \`${id}\` after it had expired`
}

// All answers to one request are signed over the same salted digest: that of the very action that asked.
function digestFault({ statement }: Answer, request: TrailRequest, kept: Recorded['kept']): string | undefined {
  const [first] = request.approvals
  const isOther =
    (first !== undefined && first.statement.digest !== statement.digest) ||
    (kept !== undefined && request.digest !== '' && kept.digest !== request.digest)
  return isOther ? `answers the request \`${request.id}\` for another action than the one that asked` : undefined
}

function withDigest(request: TrailRequest, kept: Recorded['kept']): TrailRequest {
  return kept === undefined ? request : { ...request, ...kept }
}

function applyRevocation({ applied }: Recorded<RevokeStatement>, state: TrailState): string | undefined {
  const { grant: id } = applied.statement
  const grant = state.grants.get(id)
  if (grant !== undefined) {
    state.grants.set(id, { ...grant, revoked: grant.revoked ?? applied })
    return undefined
  }
  const request = state.requests.get(state.approvals.get(id)?.request ?? '')
  if (request === undefined) {
    return state.hasForgotten ? undefined : `takes back \`${id}\`, which no record before it granted`
  }
  const revokedBy = new Map([[id, applied.seq], ...request.revokedBy])
  state.requests.set(request.id, { ...request, revoked: [...revokedBy.keys()], revokedBy })
  return undefined
}

function applyResume({ applied }: Recorded<ResumeStatement>, state: TrailState): string | undefined {
  const { actor, suspension } = applied.statement
  const current = state.targets.get(actor)?.statement
  if (current?.kind !== 'suspend' || current.id !== suspension) {
    return `lifts the suspension \`${suspension}\`, which did not stand`
  }
  state.targets.set(actor, applied)
  return undefined
}
