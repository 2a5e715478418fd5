import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionEvent, type BaseDBEngine, machine } from '@capfence/core'
import { SqliteEngine } from '@capfence/core/sqlite'
import { actionDigest } from '../src/action/action-digest.ts'
import { ActionEvent as Event } from '../src/action/action-event.ts'
import type { ChainHead } from '../src/audit/chain-store.ts'
import { headRecord, type HeadRecord } from '../src/audit/head-file.ts'
import type { RecordDraft } from '../src/audit/record-draft.ts'
import { genesisHead, seal } from '../src/audit/seal.ts'
import { type VerifyOptions, verifyStore } from '../src/audit/verify.ts'
import { verifyTrail } from '../src/compose/verify-trail.ts'
import { ed25519Signer } from '../src/kernel/ed25519.ts'
import { median, shown, table } from './median.ts'

/** What a busy writer commits at once. */
const COMMIT = 256
const RECORDS = 65_536
const ROUNDS = 5
const AT = 1_790_000_000_000
const SIGNER = ed25519Signer('bench', new Uint8Array(32).fill(7))

/** A trail on disk, and what somebody outside knows of it. */
export interface BenchTrail {
  readonly path: string
  readonly known: Required<Pick<VerifyOptions, 'trust' | 'heads'>>
}

/** Writes a trail of commits of 256: half of it decisions that let something run, a quarter their outcomes, the rest denials. */
export async function benchTrail(path: string, records: number): Promise<BenchTrail> {
  const engine = new SqliteEngine({ path })
  await engine.open()
  const { ids } = machine()
  let head: ChainHead = genesisHead({ chain: 'main', vkey: SIGNER.vkey, ids })
  let headVersion = 0
  let heads: readonly HeadRecord[] = []
  while (head.size < records) {
    const drafts = Array.from({ length: Math.min(COMMIT, records - head.size) }, (_, at) => draft(head.size + at))
    const sealed = await seal({ head, drafts, at: AT + head.size, signer: SIGNER, ids })
    const result = await engine.commit({ append: { headVersion, ...sealed }, expect: [], write: [] })
    if (result.kind !== 'committed') throw new Error(`the commit met a conflict at ${result.changed}`)
    ;({ headVersion } = result)
    ;({ head } = sealed)
    const last = sealed.records.at(-1)
    if (last !== undefined) heads = [headRecord(head, last, AT)]
  }
  await engine.close()
  return { path, known: { trust: [SIGNER.vkey], heads } }
}

function draft(seq: number): RecordDraft {
  const common = { writer: 'bench-writer-1' }
  if (seq === 0) return { ...common, kind: 'opened', vkey: SIGNER.vkey, engine: 'sqlite' }
  const place = seq % 4
  if (place === 3) return outcomeOf(seq - 2, common)
  const event = eventOf(seq)
  const isAllowed = place !== 0
  return {
    ...common,
    kind: 'decision',
    event,
    digest: actionDigest(event),
    plan: null,
    facts: undefined,
    decision: isAllowed ? 'allow' : 'deny',
    enforced: true,
    code: isAllowed ? 'policy_allow' : 'policy_deny',
    rule: isAllowed ? 'allow[0]' : 'deny[0]',
    rules: [isAllowed ? 'allow[0]' : 'deny[0]'],
    observed: [],
    message: 'recursive deletes go through the ops runbook',
    policy: 'a'.repeat(64),
    grants: [],
    charges: [],
    request: undefined,
    outcome: isAllowed ? 'open' : 'none',
  }
}

function outcomeOf(seq: number, common: { readonly writer: string }): RecordDraft {
  const of = { chain: 'main', seq }
  return {
    ...common,
    kind: 'outcome',
    of,
    eventId: idOf(seq),
    outcome: 'succeeded',
    error: undefined,
    durationMs: 12,
    by: undefined,
  }
}

function idOf(seq: number): string {
  return `event-${seq.toString(16).padStart(12, '0')}`
}

function eventOf(seq: number): ActionEvent {
  return Event.create({
    id: idOf(seq),
    actor: 'deployment-agent',
    action: 'read',
    resource: 'filesystem.workspace',
    environment: 'production',
    risk: 'low',
    at: AT + seq,
    args: { path: `/workspace/file-${String(seq)}`, lines: 10 },
  })
}

type Way = (engine: BaseDBEngine, known: BenchTrail['known']) => ReturnType<typeof verifyStore>

const WAYS: Readonly<Record<string, Way>> = {
  quick: (engine, known) => verifyTrail(engine, { ...known, quick: true }),
  deep: (engine, known) => verifyTrail(engine, { ...known, deep: true }),
  strict: (engine, known) => verifyTrail(engine, { ...known, strict: true }),
  'records alone': (engine, known) => verifyStore(engine, known),
  'with approvals': (engine, known) => verifyTrail(engine, known),
}

/** Records a second of CPU time, on one trail, ways in turn. */
export async function benchVerify(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  const { path, known } = await benchTrail(join(folder, 'trail.db'), RECORDS)
  const rates = new Map(Object.keys(WAYS).map((name): [string, number[]] => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(WAYS)) {
      const engine = new SqliteEngine({ path, readOnly: true })
      await engine.open()
      const before = process.cpuUsage()
      const report = await way(engine, known)
      const { user, system } = process.cpuUsage(before)
      await engine.close()
      if (report.exitCode !== 0) throw new Error(`the trail is not authentic: ${JSON.stringify(report)}`)
      rates.get(name)?.push((RECORDS / (user + system)) * 1e6)
    }
  }
  rmSync(folder, { recursive: true })
  table(`verify: ${shown(RECORDS)} records, ${String(COMMIT)} a commit (median of ${String(ROUNDS)} rounds)`, [
    ['what', 'records/s of CPU time'],
    ...[...rates].map(([name, all]) => [name, shown(median(all))]),
  ])
}

if (import.meta.main) await benchVerify()
