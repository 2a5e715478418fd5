import { MARK_KINDS } from '../approval/marks.ts'
import type { StateWrite } from '../approval/state-store.ts'
import { trustedApprovers } from '../approval/trusted.ts'
import type { StoreReport } from '../audit/verify-report.ts'
import { verifyStore } from '../audit/verify.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import { type Machine, machine } from '../kernel/ports.ts'
import { type StandingState, listed, standingState } from '../runtime/approval-ledger-state.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { trailInspector } from '../runtime/trail-inspector.ts'
import { type RebuiltState, rebuiltState } from './rebuilt-state.ts'
import type { VerifyTrailOptions } from './verify-trail.ts'

/** What a rebuilt state holds. */
export interface Rebuilt extends Omit<RebuiltState, 'writes'> {
  /** How many records it was made of. */
  readonly records: number
  /** How many entries of the state were not as the trail tells them. */
  readonly changed: number
}

const ATTEMPTS = 5
// Writes of one commit.
const BATCH = 200

/**
 * Makes the state of approvals anew from the trail: grants, requests, limits and suspensions, as their records tell
 * them. Call identities, leases and policies stay as they are. A trail that was tampered with is `AUDIT_CORRUPT`, one
 * that lost records `AUDIT_ROLLBACK`; then nothing is changed.
 */
export async function rebuildState(
  engine: BaseDBEngine,
  known: VerifyTrailOptions = {},
  { ids }: Pick<Machine, 'ids'> = machine(),
): Promise<Rebuilt> {
  await engine.open()
  const [chain, ...others] = await engine.chains()
  if (chain === undefined) throw new CapFenceError('AUDIT_ROLLBACK', 'there is no trail to rebuild the state from')
  if (others.length > 0) {
    throw new CapFenceError('CHAIN_INVALID', 'the store has several trails, and nothing says in which order they went')
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const standing = await standingState(engine, chain.chain)
    if (standing === undefined) continue
    const told = await tell(engine, standing, { ...known, ids })
    if (told === undefined || !(await commitAll(engine, standing, told.writes))) continue
    await forgetMarks(engine)
    const { writes, ...rebuilt } = told
    return { ...rebuilt, records: standing.size, changed: writes.length }
  }
  throw new CapFenceError('ENGINE_BUSY', 'writers kept changing the state; stop the agents, or try again')
}

async function tell(
  engine: BaseDBEngine,
  standing: StandingState,
  { approvers = new Map<string, string>(), ids, ...known }: VerifyTrailOptions & Pick<Machine, 'ids'>,
): Promise<RebuiltState | undefined> {
  const pinned = trustedApprovers(approvers)
  let told: RebuiltState | undefined
  const report = await verifyStore(engine, {
    ...known,
    inspector: (head) =>
      trailInspector(head, {
        engine,
        pinned,
        standing,
        arrived: async (trail, archive) => {
          told = await rebuiltState({ trail, standing, archive, ids })
        },
      }),
  })
  checkReport(report)
  return told
}

function checkReport({ status, firstBad, notes }: StoreReport): void {
  if (status !== 'tampered' && status !== 'truncated') return
  const bad = firstBad && `record ${String(firstBad.seq)} of \`${firstBad.chain}\` ${firstBad.what}`
  throw new CapFenceError(
    status === 'tampered' ? 'AUDIT_CORRUPT' : 'AUDIT_ROLLBACK',
    `the trail cannot be believed, so no state is made from it: ${bad ?? notes.join('; ')}`,
  )
}

// Each entry is expected as it stood after the very record up to which the trail was read: what a writer changed since
// is newer than what is written here, and the commit does not land.
async function commitAll(
  engine: BaseDBEngine,
  { entries }: StandingState,
  writes: readonly StateWrite[],
): Promise<boolean> {
  for (let from = 0; from < writes.length; from += BATCH) {
    const write = writes.slice(from, from + BATCH)
    const expect = write.map(({ key }) => ({ key, version: entries.get(key)?.version ?? 0 }))
    if (!(await commits(engine, { expect, write }))) return false
  }
  return true
}

// What was allowed before a policy was first used is not told by its own decisions, so the gate is made to look for it in
// the trail once more.
async function forgetMarks(engine: BaseDBEngine): Promise<void> {
  const write: StateWrite[] = []
  for await (const { key } of listed(engine, MARK_KINDS)) write.push({ key, value: null })
  if (write.length > 0) await engine.commit({ expect: [], write })
}

async function commits(engine: BaseDBEngine, commit: Parameters<BaseDBEngine['commit']>[0]): Promise<boolean> {
  try {
    return (await engine.commit(commit)).kind === 'committed'
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'ENGINE_BUSY') return false
    throw cause
  }
}
