import { isText } from '../approval/statement.ts'
import { localHeads } from '../audit/local-heads.ts'
import { verifyStore } from '../audit/verify.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Signer } from '../kernel/signer.ts'
import type { LeaseTimes } from '../runtime/lease.ts'
import type { Reconciliation } from '../runtime/reconcile.ts'
import { refuseAgents } from './refuse-agents.ts'
import { type DeskOptions, lateRules, ownKey, trailKey, withWriter } from './with-writer.ts'

/** Records what a person says became of an action. */
export async function reconcile(desk: DeskOptions, said: Reconciliation, leaseTimes?: LeaseTimes): Promise<void> {
  refuseAgents(desk.machine)
  const signer = await trailKey(desk)
  if (signer === undefined) throw noKey()
  const rules = await lateRules(desk.engine)
  await withWriter({ ...desk, signer, rules, leaseTimes }, (runtime) => runtime.reconcile(said))
}

/**
 * Goes on with the trail as it stands, though records of it are lost, and records that and why. Answers what was wrong;
 * undefined where nothing is, and then nothing is recorded. A trail that was tampered with is `AUDIT_CORRUPT`.
 */
export async function acceptLoss(desk: DeskOptions, reason: string): Promise<string | undefined> {
  refuseAgents(desk.machine)
  if (!isText(reason)) throw new CapFenceError('OPTION_INVALID', '`reason` must be 1 to 1,024 visible characters')
  const { head } = await desk.engine.read({ chain: 'main', keys: [] })
  // Where nothing stands and nothing is known to have stood, there is no trail to go on with.
  if (head === undefined && localHeads(desk.machine, desk.engine.identity, []).length === 0) return undefined
  // Of a trail that is gone nobody can say which key it was written with.
  const signer = head === undefined ? ownKey(desk.machine) : await trailKey(desk)
  if (signer === undefined) throw noKey()
  if (head !== undefined) await refuseTampered(desk, signer)
  let found: string | undefined
  const accepted = (what: string): void => {
    found = what
  }
  const rules = await lateRules(desk.engine)
  await withWriter({ ...desk, signer, rules, acceptLoss: { reason, accepted } }, (runtime) => runtime.sync())
  return found
}

async function refuseTampered({ engine }: DeskOptions, signer: Signer): Promise<void> {
  const { status, firstBad } = await verifyStore(engine, { trust: [signer.vkey] })
  // No head from outside is asked, so what is truncated lacks what its own head row counts.
  if (status !== 'tampered' && status !== 'truncated') return
  const what = firstBad === undefined ? '' : `: record ${String(firstBad.seq)} ${firstBad.what}`
  throw new CapFenceError(
    'AUDIT_CORRUPT',
    `what is left of the trail was tampered with${what}; restore a good copy, or move the database away and begin anew`,
  )
}

function noKey(): CapFenceError {
  return new CapFenceError(
    'KEY_MISSING',
    'this is recorded in the trail, and this user cannot read the key that it is written with; run as its owner, or set CAPFENCE_KEY_FILE',
  )
}
