import { decodeBody } from '../../src/audit/decode-body.ts'
import { type HeadRecord, headRecord } from '../../src/audit/head-file.ts'
import type { RecordBody } from '../../src/audit/record-body.ts'
import type { RecordDraft } from '../../src/audit/record-draft.ts'
import { seal } from '../../src/audit/seal.ts'
import type { StoreReport } from '../../src/audit/verify-report.ts'
import { type VerifyTrailOptions, verifyTrail } from '../../src/compose/verify-trail.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { fixedIds } from '../audit/trail.ts'

// The writer's key of every gate in these tests.
const writer = ed25519Signer('test', new Uint8Array(32).fill(7))

/** All that a user could know from outside: the writer's key, and the newest head. */
export async function known(engine: BaseDBEngine): Promise<{ trust: readonly string[]; heads: readonly HeadRecord[] }> {
  const [head] = await engine.chains()
  if (head === undefined) return { trust: [writer.vkey], heads: [] }
  const [last] = await engine.records({ chain: head.chain, from: head.size - 1, limit: 1 })
  return { trust: [writer.vkey], heads: last === undefined ? [] : [headRecord(head, last, 0)] }
}

/** Verifies a trail under the writer's key, complete up to its newest head. */
export async function verified(engine: BaseDBEngine, options: VerifyTrailOptions = {}): Promise<StoreReport> {
  return verifyTrail(engine, { ...(await known(engine)), ...options })
}

/** All records of the main chain. */
export async function bodies(engine: BaseDBEngine): Promise<readonly RecordBody[]> {
  return (await engine.records({ chain: 'main', from: 0, limit: 10_000 })).map(({ body }) => decodeBody(body))
}

/** Adds a record as whoever holds the writer's key could, past the gate and its state; answers its seq. */
export async function addFalse(engine: BaseDBEngine, draft: RecordDraft, at?: number): Promise<number> {
  const { head, now } = await engine.read({ chain: 'main', keys: [] })
  if (head === undefined) throw new Error('the trail has not begun')
  const sealed = await seal({
    head: head.head,
    drafts: [draft],
    at: at ?? now,
    signer: writer,
    ids: fixedIds(`false ${String(head.head.size)}`),
  })
  const { records, values } = sealed
  await engine.commit({
    append: { headVersion: head.version, head: sealed.head, records, values },
    expect: [],
    write: [],
  })
  return head.head.size
}
