import { trustedApprovers } from '../approval/trusted.ts'
import { CHECKPOINTS } from '../audit/checkpoint-state.ts'
import type { FoundCheckpoint } from '../audit/checkpoint-watch.ts'
import type { Inspector } from '../audit/inspector.ts'
import type { StoreReport } from '../audit/verify-report.ts'
import { type VerifyOptions, verifyStore } from '../audit/verify.ts'
import { listed, standingState } from '../runtime/approval-ledger-state.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { trailInspector } from '../runtime/trail-inspector.ts'

/** What is known from outside of a trail and of whoever approves in it. */
export interface VerifyTrailOptions extends Omit<VerifyOptions, 'inspector' | 'stored'> {
  /** Approvers' vkeys by name, pinned outside: they count where a policy names none. */
  readonly approvers?: ReadonlyMap<string, string> | undefined
}

/**
 * Verifies the trail of an engine, and in it what approvals, limits and suspensions the decisions rest on; then holds
 * the state beside it against what it says. Changes nothing.
 */
export async function verifyTrail(engine: BaseDBEngine, options: VerifyTrailOptions = {}): Promise<StoreReport> {
  const { approvers = new Map<string, string>(), ...given } = options
  const known = { ...given, stored: await storedCheckpoints(engine) }
  const [chain, ...others] = await engine.chains()
  if (chain === undefined) return verifyStore(engine, known)
  if (others.length > 0) return verifyStore(engine, { ...known, inspector: () => SEVERAL })
  const pinned = trustedApprovers(approvers)
  const standing = await standingState(engine, chain.chain)
  return verifyStore(engine, { ...known, inspector: (head) => trailInspector(head, { engine, pinned, standing }) })
}

// Approvals of one chain may rest on suspensions and limits of another, and nothing says in which order.
const SEVERAL: Inspector = {
  next: () => undefined,
  end: () => ({
    notes: ['not proven: that approvals and limits were kept, for the store has several trails'],
    isProven: false,
  }),
}

async function storedCheckpoints(engine: BaseDBEngine): Promise<readonly FoundCheckpoint[]> {
  const all: FoundCheckpoint[] = []
  for await (const entry of listed(engine, CHECKPOINTS)) all.push(entry)
  return all
}
