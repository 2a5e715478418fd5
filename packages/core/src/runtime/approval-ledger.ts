import type { TrustedApprovers } from '../approval/trusted.ts'
import type { StoredValue } from '../audit/chain-store.ts'
import type { RecordFault } from '../audit/inspector.ts'
import type { DecisionBody, OutcomeBody, RecordBody, RecordedEvent } from '../audit/record-body.ts'
import { readVkey } from '../kernel/vkey.ts'
import type { ArchivedPolicy } from '../policy/archived-policy.ts'
import type { PolicyArchive } from './approval-ledger-archive.ts'
import { chargeFault, giveBackCharges } from './approval-ledger-charges.ts'
import { leaveMarks } from './approval-ledger-marks.ts'
import { type TrailState, emptyTrailState, forgetOld } from './approval-ledger-model.ts'
import { applyRecorded } from './approval-ledger-statements.ts'
import { type KnownApprovers, RECORDED, type Support, signatureFault, signersUnder } from './approval-ledger-support.ts'
import { agentsIn, asked, countUse, giveBackUses, isWhole, keptDigest, supportOf } from './approval-ledger-uses.ts'
import { seqSet } from './seq-set.ts'

/** What a ledger of approvals is held against from outside the chain. */
export interface LedgerOptions {
  readonly chain: string
  readonly archive: PolicyArchive
  /** Approvers that are pinned outside: they count where a policy names none. */
  readonly pinned: TrustedApprovers
  /** Reads a decision of the chain again; undefined where there is none. */
  readonly decision: (seq: number) => Promise<DecisionBody | undefined>
}

/** What a ledger could not hold against anything. */
export interface Unheld {
  /** Keys that signed what a decision rests on, and that nobody pinned under the name that a rule wants. */
  readonly keys: ReadonlySet<string>
  /** Digests of policies that are not kept as they were. */
  readonly policies: ReadonlySet<string>
  /** How many approved actions could not be compared by their digests, which are not kept. */
  readonly digests: number
  /** Records of which too much was cut to hold them against approvals. */
  readonly cut: readonly number[]
}

/**
 * Follows approvals, limits and suspensions along a chain: each record is held against those before it, by the rules
 * that the runtime goes by. Knows only what the trail says, never the state beside it.
 */
export interface ApprovalLedger {
  readonly state: TrailState
  readonly unheld: Unheld
  /** Takes the next record, with the values that are kept for it; answers what is wrong with it. */
  next(body: RecordBody, values: readonly StoredValue[]): Promise<RecordFault | undefined> | undefined
}

/** How many records are named where many cannot be held. */
const MAX_CUT = 10

/** An empty ledger for a chain. */
export function approvalLedger(options: LedgerOptions): ApprovalLedger {
  const { chain, archive, pinned } = options
  const state = emptyTrailState()
  const forget = forgetOld(state)
  const returned = seqSet()
  const keys = new Set<string>()
  const policies = new Set<string>()
  const cut: number[] = []
  const approvers: KnownApprovers = { pinned, unpinned: (keyId) => keys.add(keyId) }
  let digests = 0
  let newestAt = 0

  // The policy by which a decision was made; that it is missing matters only where something rests on it.
  async function policyOf(body: DecisionBody): Promise<ArchivedPolicy | undefined> {
    const policy = await archive(body.policy)
    if (policy === undefined) policies.add(body.policy ?? 'none')
    return policy
  }

  async function runs(body: DecisionBody, values: readonly StoredValue[]): Promise<string | undefined> {
    const { event } = body
    if (!('capability' in event)) return 'lets run what never became an event'
    if (isRestedOn(body) && !(isWhole(event) && Array.isArray(body.grants) && Array.isArray(body.rules))) noteCut(body)
    return (
      (await modeFault(body)) ??
      (await suspensionFault(body, event)) ??
      (await useFault(body, values)) ??
      (await limitFault(body))
    )
  }

  async function modeFault({ enforced, policy }: DecisionBody): Promise<string | undefined> {
    const mode = enforced ? undefined : (await archive(policy))?.mode
    return mode === 'enforce' ? 'lets run unenforced what its policy enforces' : undefined
  }

  async function suspensionFault(body: DecisionBody, event: RecordedEvent): Promise<string | undefined> {
    if (state.targets.size === 0) return undefined
    for (const target of [null, ...agentsIn(event)]) {
      const newest = state.targets.get(target)
      if (newest === undefined) continue
      const who = target === null ? 'all actors' : `\`${target}\``
      if (newest.statement.kind === 'suspend') return `lets run, though record ${String(newest.seq)} suspended ${who}`
      // A resume counts only where somebody signed it whom the policy of the decision trusts.
      const signers = signersUnder(await policyOf(body), approvers)
      if (signers.nameOf(newest.statement.key, newest.statement.approver) === undefined) {
        return `lets run, though nobody whom its policy trusts resumed ${who} (record ${String(newest.seq)})`
      }
    }
    return undefined
  }

  async function useFault(body: DecisionBody, values: readonly StoredValue[]): Promise<string | undefined> {
    if (!isRestedOn(body)) return undefined
    const policy = await policyOf(body)
    const support = supportOf(body, { values, state, policy })
    if (support === undefined) return undefined
    if ('fault' in support) return support.fault
    const fault = signatureFault(support, state, { policy, signers: signersUnder(policy, approvers) })
    if (fault !== undefined && !isRenamed(support, policy)) return fault
    if (support.request !== undefined && (keptDigest(values) === '' || support.request.digest === '')) digests++
    countUse(support, body.seq, state)
    return undefined
  }

  // A pinned key goes by whatever name the verifier gave it, and rules by the names of then: that proves nothing.
  function isRenamed(support: Support, policy: ArchivedPolicy | undefined): boolean {
    if (policy === undefined || policy.approvers !== undefined) return false
    if (signatureFault(support, state, { policy, signers: RECORDED }) !== undefined) return false
    for (const { statement } of [...support.grants, ...(support.request?.approvals ?? [])]) {
      keys.add(readVkey(statement.key).keyId)
    }
    return true
  }

  async function limitFault(body: DecisionBody): Promise<string | undefined> {
    const policy = body.charges === undefined ? await archive(body.policy) : await policyOf(body)
    const fault = chargeFault(body, policy, state)
    if (fault === undefined && policy !== undefined) leaveMarks(body, policy, state)
    return fault
  }

  function noteCut({ seq }: DecisionBody): void {
    if (cut.length < MAX_CUT) cut.push(seq)
  }

  async function decide(body: DecisionBody, values: readonly StoredValue[]): Promise<string | undefined> {
    const fault = shapeFault(body)
    if (fault !== undefined) return fault
    if (body.outcome !== 'none') return runs(body, values)
    return body.decision === 'require_approval' ? asked(body, values, state) : undefined
  }

  async function giveBack({ of }: OutcomeBody): Promise<undefined> {
    const body = of.chain === chain && returned.add(of.seq) ? await options.decision(of.seq) : undefined
    if (body === undefined) return
    giveBackUses(body, state)
    giveBackCharges(body, state)
  }

  function faultIn(body: RecordBody, values: readonly StoredValue[]): Promise<string | undefined> | string | undefined {
    switch (body.kind) {
      case 'statement':
        return applyRecorded(body, values, state)
      case 'decision':
        return isQuiet(body) ? undefined : decide(body, values)
      case 'outcome':
        return body.outcome === 'not_executed' ? giveBack(body) : undefined
      case 'opened':
      case 'head_adopted':
      case 'loss_accepted':
      case 'ungated':
        return undefined
      default:
        return body satisfies never
    }
  }

  return {
    state,
    unheld: {
      keys,
      policies,
      cut,
      get digests() {
        return digests
      },
    },
    next: (body, values) => {
      newestAt = Math.max(newestAt, body.at)
      const pending = faultIn(body, values)
      if (pending === undefined) return undefined
      return (async () => {
        const what = await pending
        forget(newestAt)
        return what === undefined ? undefined : { seq: body.seq, what }
      })()
    },
  }
}

// Most denials concern no approval at all.
function isQuiet({ outcome, request, grants, charges, code }: DecisionBody): boolean {
  return outcome === 'none' && request === null && isEmpty(grants) && charges === undefined && code !== 'approved'
}

function isRestedOn({ grants, code }: DecisionBody): boolean {
  return code === 'approved' || !isEmpty(grants)
}

function isEmpty(grants: DecisionBody['grants']): boolean {
  return Array.isArray(grants) && grants.length === 0
}

function shapeFault(body: DecisionBody): string | undefined {
  return body.outcome === 'none' ? idleFault(body) : runningFault(body)
}

function idleFault({ code, grants, charges }: DecisionBody): string | undefined {
  if (code === 'approved' || !isEmpty(grants)) return 'uses up approvals, but lets nothing run'
  return charges === undefined ? undefined : 'charges limits, but lets nothing run'
}

function runningFault({ code, grants, decision, enforced }: DecisionBody): string | undefined {
  if (decision !== 'allow' && enforced) return 'lets run what it does not allow'
  if (code !== 'approved') return isEmpty(grants) ? undefined : 'rests on approvals, but is not approved'
  if (isEmpty(grants)) return 'is approved, but rests on no statement'
  return decision === 'allow' ? undefined : 'is approved, but no allow'
}
