import { trustedApprovers } from '../approval/trusted.ts'
import type { Inspector } from '../audit/inspector.ts'
import type { StoreReport } from '../audit/verify-report.ts'
import { type VerifyOptions, verifyStore } from '../audit/verify.ts'
import { standingState } from '../runtime/approval-ledger-state.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { trailInspector } from '../runtime/trail-inspector.ts'

/** What is known from outside of a trail and of whoever approves in it. */
export interface VerifyTrailOptions extends Omit<VerifyOptions, 'inspector'> {
  /** Approvers' vkeys by name, pinned outside: they count where a policy names none. */
  readonly approvers?: ReadonlyMap<string, string> | undefined
}

/**
 * Verifies the trail of an engine, and in it what approvals, limits and suspensions the decisions rest on; then holds
 * the state beside it against what it says. Changes nothing.
 */
export async function verifyTrail(engine: BaseDBEngine, options: VerifyTrailOptions = {}): Promise<StoreReport> {
  const { approvers = new Map<string, string>(), ...known } = options
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
