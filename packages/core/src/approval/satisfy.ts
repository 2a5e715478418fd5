import { saltedDigest } from '../action/salted-digest.ts'
import { fromHex } from '../kernel/bytes.ts'
import { type HeldGrant, isLiveGrant, usesLeft } from './grants.ts'
import type { PendingRequest } from './requests.ts'
import type { SignedStatement } from './statement.ts'
import { type Notary, isAmong, isListed, keyText, signerOf } from './trusted.ts'

/** What a rule that asks wants, under the policy in force. */
interface AskingTerms {
  readonly rule: string
  /** True where it asks out of ignorance: then only an approval of the exact request counts. */
  readonly unknown: boolean
  readonly terms: { readonly expiresInMs: number; readonly quorum: number; readonly approvers: readonly string[] }
}

/** What might satisfy an asking decision. */
export interface Support {
  readonly asking: readonly AskingTerms[]
  /** The actor and everyone above it: none of them can approve. */
  readonly agents: readonly string[]
  /** The raw digest of the very action. */
  readonly digest: string
  /** The request for it, where there is one. */
  readonly request: PendingRequest | undefined
  /** Grants that cover the event. */
  readonly grants: readonly HeldGrant[]
  readonly now: number
  readonly notary: Notary
}

/** The signatures that together satisfy every asking rule: each is to be used once. */
export interface Satisfied {
  /** True where approvals of the request are among them. */
  readonly usesRequest: boolean
  readonly grants: readonly HeldGrant[]
  /** The ids of all statements that counted, approvals first. */
  readonly ids: readonly string[]
  /** The trusted names of whoever signed them. */
  readonly approvers: readonly string[]
}

interface Signature {
  readonly id: string
  readonly name: string
  readonly key: string
  readonly at: number
  /** Undefined for an approval of the exact request. */
  readonly grant: HeldGrant | undefined
  readonly expiresAt: number
}

/** The signatures that satisfy all asking rules, or undefined where one rule lacks its quorum. */
export function satisfy(support: Support): Satisfied | undefined {
  const signatures = [...approvalsOf(support), ...grantsOf(support)]
  const chosen = new Map<string, Signature>()
  for (const asking of support.asking) {
    const counted = quorumFor(asking, signatures, { support, chosen })
    if (counted === undefined) return undefined
    for (const signature of counted) chosen.set(signature.id, signature)
  }
  const all = [...chosen.values()]
  return {
    usesRequest: all.some(({ grant }) => grant === undefined),
    grants: all.flatMap(({ grant }) => grant ?? []),
    ids: all.map(({ id }) => id),
    approvers: [...new Set(all.map(({ name }) => name))],
  }
}

function quorumFor(
  { terms, unknown }: AskingTerms,
  signatures: readonly Signature[],
  { support, chosen }: { readonly support: Support; readonly chosen: ReadonlyMap<string, Signature> },
): readonly Signature[] | undefined {
  const mayCount = signatures.filter(
    ({ grant, name }) => (grant === undefined || !unknown) && isListed(name, terms.approvers),
  )
  const live = mayCount.filter((signature) => isLive(signature, mayCount, { support, quorum: terms.quorum }))
  const byKey = new Map<string, Signature>()
  for (const signature of live.toSorted(byPreference(chosen))) {
    if (!byKey.has(signature.key)) byKey.set(signature.key, signature)
  }
  return byKey.size < terms.quorum ? undefined : [...byKey.values()].slice(0, terms.quorum)
}

// An approval counts for as long as the shortest rule says, from the signature that completed the quorum.
function isLive(
  { grant, expiresAt }: Signature,
  mayCount: readonly Signature[],
  { support, quorum }: { readonly support: Support; readonly quorum: number },
): boolean {
  if (support.now >= expiresAt) return false
  if (grant !== undefined) return true
  const signedAt = mayCount.filter((other) => other.grant === undefined).map(({ at }) => at)
  const completedAt = signedAt.toSorted((left, right) => left - right)[Math.min(quorum, signedAt.length) - 1] ?? 0
  return support.now < completedAt + Math.min(...support.asking.map(({ terms }) => terms.expiresInMs))
}

// What counts for another rule already costs nothing more; then approvals, then grants that are not counted, then the
// one that ends first.
function byPreference(chosen: ReadonlyMap<string, Signature>): (left: Signature, right: Signature) => number {
  const rank = ({ id, grant }: Signature): number =>
    chosen.has(id) ? 0 : grant === undefined ? 1 : usesLeft(grant) === null ? 2 : 3
  return (left, right) => rank(left) - rank(right) || left.expiresAt - right.expiresAt || (left.id < right.id ? -1 : 1)
}

function approvalsOf({ request, digest, agents, notary }: Support): readonly Signature[] {
  if (request === undefined || request.used !== request.returned || request.rejection !== null) return []
  const salt = fromHex(request.salt)
  const salted = salt === undefined ? undefined : saltedDigest(digest, salt)
  return request.approvals
    .filter(({ statement }) => statement.request === request.id && statement.digest === salted)
    .filter(({ statement }) => !request.revoked.includes(statement.id))
    .flatMap((applied) =>
      signature(applied, { agents: [...agents, request.actor], notary }).map((found) => ({
        ...found,
        at: applied.at,
        grant: undefined,
        expiresAt: applied.statement.expires_at,
      })),
    )
}

function grantsOf({ grants, agents, now, notary }: Support): readonly Signature[] {
  return grants
    .filter((grant) => isLiveGrant(grant, now))
    .flatMap((grant) =>
      signature(grant, { agents, notary }).map((found) => ({
        ...found,
        at: grant.at,
        grant,
        expiresAt: grant.statement.expires_at,
      })),
    )
}

function signature(
  signed: SignedStatement,
  { agents, notary }: Pick<Support, 'agents' | 'notary'>,
): readonly Pick<Signature, 'id' | 'name' | 'key'>[] {
  const name = signerOf(signed, notary)
  if (name === undefined || isAmong(signed, name, agents)) return []
  return [{ id: signed.statement.id, name, key: keyText(signed.statement.key) }]
}
