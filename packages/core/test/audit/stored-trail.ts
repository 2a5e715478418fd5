import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StoreReport } from '../../src/audit/verify-report.ts'
import { type VerifyTrailOptions, verifyTrail } from '../../src/compose/verify-trail.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { isCapFenceError } from '../../src/kernel/errors.ts'
import { alice, onlyRequest, policyText } from '../runtime/approval-gate.ts'
import { known } from '../runtime/approval-trail.ts'
import { type Gate, gate, pay, read } from '../runtime/gate.ts'

/** A trail in a file that the real runtime wrote, with what is known of it outside. */
export interface StoredTrail {
  readonly folder: string
  readonly path: string
  readonly known: Required<Pick<VerifyTrailOptions, 'trust' | 'heads'>>
}

const MORE: readonly ((opened: Gate) => Promise<unknown>)[] = [
  ({ runtime }) => runtime.run(read({ id: 'read-1', args: { file: 'a.txt', note: 'zoë' } }), () => 'done'),
  ({ runtime }) => runtime.execute(read({ id: 'deny-1', action: 'delete' })),
  ({ runtime }) => runtime.execute(pay(5000, { id: 'pay-1' })),
  async (opened) => opened.approvals.approve(await onlyRequest(opened), { by: alice }),
  ({ runtime }) => runtime.run(pay(5000, { id: 'pay-2' }), () => 'paid'),
  ({ approvals }) =>
    approvals.grant({ capability: 'payment.execute.high_value', actor: 'other', durationMs: 3_600_000 }, { by: alice }),
  ({ approvals }) => approvals.suspend('rogue', { by: alice }),
  ({ runtime }) => runtime.execute(pay(7000, { id: 'pay-3' })),
  ({ runtime }) => runtime.run(read({ id: 'read-2' }), () => 'done'),
]

/**
 * Writes a trail: 0 opened · 1, 2 a read and its outcome · 3 a denial · 4 a payment that asks · 5 its approval · 6, 7 the
 * payment and its outcome · 8 a grant · 9 a suspension · 10 a payment that asks and waits · 11, 12 a read and its outcome.
 */
export async function storedTrail(folder: string): Promise<StoredTrail> {
  const path = join(folder, 'trail.db')
  const engine = new SqliteEngine({ path })
  const policy = join(folder, 'policy.yaml')
  writeFileSync(policy, policyText())
  const opened = await gate({ policy, engine })
  for (const step of MORE) await step(opened)
  const outside = await known(engine)
  await opened.runtime.close()
  await engine.close()
  return { folder, path, known: outside }
}

/** A folder that outlives single tests. */
export function sharedFolder(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-test-'))
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A copy of the trail, and a connection to it past the engine. */
export function copyOf({ folder, path }: StoredTrail, name: string): { path: string; database: DatabaseSync } {
  const copy = join(folder, name)
  copyFileSync(path, copy)
  return { path: copy, database: new DatabaseSync(copy) }
}

/** What verifying a file finds. A file that cannot even be opened as ours is told as the code of that error. */
export async function verifyFile(
  path: string,
  options: VerifyTrailOptions,
): Promise<Pick<StoreReport, 'exitCode' | 'firstBad' | 'notes' | 'records'> | { readonly code: string }> {
  const engine = new SqliteEngine({ path, readOnly: true })
  try {
    await engine.open()
    return await verifyTrail(engine, options)
  } catch (cause) {
    if (!isCapFenceError(cause)) throw cause
    return { code: cause.code }
  } finally {
    await engine.close()
  }
}
