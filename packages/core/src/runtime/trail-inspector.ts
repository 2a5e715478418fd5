import type { TrustedApprovers } from '../approval/trusted.ts'
import type { ChainHead } from '../audit/chain-store.ts'
import { decodeBody } from '../audit/decode-body.ts'
import type { Inspection, Inspector, RecordFault } from '../audit/inspector.ts'
import type { DecisionBody } from '../audit/record-body.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import { type PolicyArchive, policyArchive } from './approval-ledger-archive.ts'
import { compareState } from './approval-ledger-compare.ts'
import type { TrailState } from './approval-ledger-model.ts'
import type { StandingState } from './approval-ledger-state.ts'
import { type ApprovalLedger, type Unheld, approvalLedger } from './approval-ledger.ts'
import type { BaseDBEngine } from './base-db-engine.ts'

/** What a chain's approvals are held against. */
export interface InspectorOptions {
  readonly engine: BaseDBEngine
  readonly pinned: TrustedApprovers
  /** The state as it stood before the walk; undefined where it could not be read at rest. */
  readonly standing: StandingState | undefined
  /** Told what the trail says, at the very record after which the state was read; where left out, both are compared. */
  readonly arrived?: ((state: TrailState, archive: PolicyArchive) => void | Promise<void>) | undefined
}

/** Holds one chain's approvals, limits and suspensions against each other, and the state against them. */
export function trailInspector({ chain }: ChainHead, options: InspectorOptions): Inspector {
  const { engine, pinned, standing } = options
  const archive = policyArchive(engine)
  const ledger = approvalLedger({ chain, archive, pinned, decision: (seq) => decisionAt(engine, chain, seq) })
  let less: readonly string[] | undefined

  function compare(at: StandingState): RecordFault | undefined {
    const finding = compareState(ledger.state, at)
    less = finding.less
    return finding.bad
  }

  async function next(...[body, values]: Parameters<ApprovalLedger['next']>): Promise<RecordFault | undefined> {
    const fault = await ledger.next(body, values)
    if (fault !== undefined || standing === undefined || body.seq !== standing.size - 1) return fault
    if (options.arrived === undefined) return compare(standing)
    await options.arrived(ledger.state, archive)
    return undefined
  }

  return {
    next: (body, values) => (body.seq + 1 === standing?.size ? next(body, values) : ledger.next(body, values)),
    end: () => inspection(ledger.unheld, options.arrived === undefined ? less : []),
  }
}

async function decisionAt(
  engine: Pick<BaseDBEngine, 'records'>,
  chain: string,
  seq: number,
): Promise<DecisionBody | undefined> {
  const [row] = await engine.records({ chain, from: seq, limit: 1 })
  if (row?.seq !== seq) return undefined
  try {
    const body = decodeBody(row.body)
    return body.kind === 'decision' ? body : undefined
  } catch (cause) {
    if (isCapFenceError(cause)) return undefined // it was read before, so it was damaged since: the next walk will tell
    throw cause
  }
}

function inspection({ keys, policies, digests, cut }: Unheld, less: readonly string[] | undefined): Inspection {
  const notes = [
    ...[...keys].map(
      (id) =>
        `not proven: whose key \`${id}\` is, which signed approvals; no policy names it, nor does trust.json as then`,
    ),
    ...cutNote(cut),
    ...policyNote(policies),
    ...digestNote(digests),
    ...stateNotes(less),
  ]
  return { notes, isProven: keys.size === 0 && cut.length === 0 }
}

function cutNote(cut: readonly number[]): readonly string[] {
  if (cut.length === 0) return []
  return [`not proven: that approvals cover the records ${cut.join(', ')}, which were too large to keep whole`]
}

function policyNote(policies: ReadonlySet<string>): readonly string[] {
  if (policies.size === 0) return []
  const names = [...policies].map((digest) => `\`${digest.slice(0, 12)}…\``).join(', ')
  return [`quorums and limits were not held against policies that are no longer kept: ${names}`]
}

function digestNote(digests: number): readonly string[] {
  if (digests === 0) return []
  return [`${String(digests)} approved actions were held against their context only: their digests are no longer kept`]
}

function stateNotes(less: readonly string[] | undefined): readonly string[] {
  if (less === undefined) return ['the state was not held against the trail, for writers kept adding to it; try again']
  const shown = less.slice(0, 5).join(', ')
  const more = less.length > 5 ? `, and ${String(less.length - 5)} more` : ''
  return less.length === 0
    ? []
    : [`the state allows less than the trail does (${shown}${more}); \`capfence rebuild\` restores it`]
}
