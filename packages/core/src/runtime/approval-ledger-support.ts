import { globMatches } from '../action/pattern.ts'
import type { Applied } from '../approval/applied.ts'
import { type TrustedApprovers, isAmong, keyText, trustedApprovers } from '../approval/trusted.ts'
import { readVkey } from '../kernel/vkey.ts'
import type { ArchivedPolicy } from '../policy/archived-policy.ts'
import type { ApprovalTerms } from '../policy/ruling.ts'
import type { TrailGrant, TrailRequest, TrailState } from './approval-ledger-model.ts'

/** What a decision rests on. */
export interface Support {
  /** When it was decided. */
  readonly at: number
  /** The actor and everyone above it. */
  readonly agents: readonly string[]
  /** The rules that asked; null where they were too large to keep. */
  readonly rules: readonly string[] | null
  readonly grants: readonly TrailGrant[]
  /** The ids of the approvals that it names. */
  readonly approvals: readonly string[]
  /** The request that they belong to. */
  readonly request: TrailRequest | undefined
}

/** Whose signatures count, as far as it is known from outside the trail. */
export interface KnownApprovers {
  readonly pinned: TrustedApprovers
  /** Told of the id of a key that nobody pinned, where no policy says whose it is. */
  unpinned(keyId: string): void
}

interface Signature {
  readonly id: string
  readonly name: string
  readonly key: string
  /** When it was recorded. */
  readonly at: number
  readonly isApproval: boolean
}

/** The trusted names of signers under the policy of a decision. */
export interface Signers {
  /** The name of whoever signed, or undefined where the policy trusts another set of people. */
  nameOf(vkey: string, recorded: string): string | undefined
}

/** Trust under a policy: its own approvers, else those pinned outside; what neither knows is under its recorded name. */
export function signersUnder(policy: ArchivedPolicy | undefined, approvers: KnownApprovers): Signers {
  const own = policy?.approvers && trustedApprovers(policy.approvers)
  return {
    nameOf: (vkey, recorded) => {
      if (own !== undefined) return own.nameOf(vkey)
      const name = approvers.pinned.nameOf(vkey)
      if (name === undefined && policy !== undefined) approvers.unpinned(readVkey(vkey).keyId)
      return name ?? recorded
    },
  }
}

/** The names that the records themselves give. */
export const RECORDED: Signers = { nameOf: (_vkey, recorded) => recorded }

/**
 * What is wrong with the signatures that a decision names: a signer who is nobody under its policy or is one of the
 * agents, or a rule that lacks its quorum. Without the policy no quorum is known.
 */
export function signatureFault(
  support: Support,
  state: TrailState,
  { policy, signers }: { readonly policy: ArchivedPolicy | undefined; readonly signers: Signers },
): string | undefined {
  const known = signaturesOf(support, state, signers)
  for (const { statement } of [...support.grants, ...approvalsOf(support)]) {
    const fault = signerFault(statement.id, known.get(statement.id))
    if (fault !== undefined) return fault
  }
  return policy === undefined ? undefined : quorumFault(support, [...known.values()], policy)
}

function approvalsOf({ request, approvals }: Support): readonly Applied[] {
  return request?.approvals.filter(({ statement }) => approvals.includes(statement.id)) ?? []
}

type Known = Signature | 'nobody' | 'agent'

function signerFault(id: string, found: Known | undefined): string | undefined {
  if (found === 'nobody') return `rests on \`${id}\`, which nobody signed whom its policy trusts`
  return found === 'agent' ? `rests on \`${id}\`, which its own actor, or one above it, signed` : undefined
}

// All approvals of the request, also those that the decision does not name: the last of a quorum says when it counts from.
function signaturesOf(support: Support, state: TrailState, signers: Signers): ReadonlyMap<string, Known> {
  const { request, grants, agents } = support
  const known = new Map<string, Known>()
  const add = (signed: Applied, by: string, isApproval: boolean): void => {
    const { id, key } = signed.statement
    const name = signers.nameOf(key, by)
    const isAgent = name !== undefined && isAmong(signed, name, agents)
    const signature = { id, name: name ?? '', key: keyText(key), at: signed.at, isApproval }
    known.set(id, name === undefined ? 'nobody' : isAgent ? 'agent' : signature)
  }
  for (const grant of grants) add(grant, grant.by, false)
  for (const approval of request?.approvals ?? []) {
    const { id } = approval.statement
    if (request?.revoked.includes(id) !== true) add(approval, state.approvals.get(id)?.by ?? '', true)
  }
  return known
}

function quorumFault(support: Support, known: readonly Known[], policy: ArchivedPolicy): string | undefined {
  if (support.rules === null) return undefined
  const signatures = known.filter((each) => typeof each !== 'string')
  const terms = new Map<string, ApprovalTerms>()
  for (const rule of support.rules) {
    const wanted = policy.termsOf(rule)
    if (wanted === undefined) return `is approved for the rule \`${rule}\`, which asks for no approval in its policy`
    terms.set(rule, wanted)
  }
  if (terms.size === 0) return 'is approved, but names no rule that asked'
  const livesMs = Math.min(...[...terms.values()].map(({ expiresInMs }) => expiresInMs))
  for (const [rule, wanted] of terms) {
    const keys = countedKeys(support, { signatures, wanted, livesMs })
    if (keys.size < wanted.quorum) {
      return `is approved by ${String(keys.size)} of the ${String(wanted.quorum)} approvers that the rule \`${rule}\` wants`
    }
  }
  return undefined
}

interface Counting {
  readonly signatures: readonly Signature[]
  readonly wanted: ApprovalTerms
  readonly livesMs: number
}

// An approval counts for as long as the shortest rule says, from the signature that completed the quorum.
function countedKeys(
  { at, approvals, grants }: Support,
  { signatures, wanted, livesMs }: Counting,
): ReadonlySet<string> {
  const { quorum, approvers } = wanted
  const may = signatures.filter(
    ({ name }) => approvers.length === 0 || approvers.some((glob) => globMatches(glob, name)),
  )
  const signedAt = may.filter(({ isApproval }) => isApproval).map((each) => each.at)
  const completedAt = signedAt.toSorted((left, right) => left - right)[Math.min(quorum, signedAt.length) - 1] ?? 0
  const named = new Set([...approvals, ...grants.map(({ statement }) => statement.id)])
  const counted = may.filter(({ id, isApproval }) => named.has(id) && (!isApproval || at < completedAt + livesMs))
  return new Set(counted.map(({ key }) => key))
}
