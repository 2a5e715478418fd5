import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionEvent, type BaseDBEngine, machine } from '@capfence/core'
import { SqliteEngine } from '@capfence/core/sqlite'
import { actionDigest } from '../src/action/action-digest.ts'
import { ActionEvent as Event } from '../src/action/action-event.ts'
import type { ChainHead } from '../src/audit/chain-store.ts'
import { DOMAINS } from '../src/audit/domains.ts'
import { headRecord, type HeadRecord } from '../src/audit/head-file.ts'
import type { RecordDraft } from '../src/audit/record-draft.ts'
import { genesisHead, seal } from '../src/audit/seal.ts'
import type { VerifyOptions } from '../src/audit/verify.ts'
import { verifyTrail } from '../src/compose/verify-trail.ts'
import { ed25519Signer } from '../src/kernel/ed25519.ts'
import { median, shown, table } from './median.ts'

/** What a busy writer commits at once. */
const COMMIT = 256
const PAGE = 256
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

interface Measured {
  readonly records: number
  readonly exitCode: number
}

type Way = (engine: SqliteEngine, known: BenchTrail['known']) => Promise<Measured>

const WAYS: Readonly<Record<string, Way>> = {
  'floor: rows and hashes': (engine) => floor(engine),
  '--quick': (engine, known) => verifyTrail(engine, { ...known, quick: true }),
  'as a rule': (engine, known) => verifyTrail(engine, known),
  '--strict': (engine, known) => verifyTrail(engine, { ...known, strict: true }),
}

/** The floor: the same rows read by the same engine, and the same bytes hashed, five hashes a record; nothing compared. */
async function floor(engine: BaseDBEngine): Promise<Measured> {
  const node = Buffer.alloc(65)
  let previous = ''
  let records = 0
  for (;;) {
    const page = await engine.records({ chain: 'main', from: records, limit: PAGE })
    if (page.length === 0) return { records, exitCode: 0 }
    for (const { body, entry, sig } of page) {
      previous = hash('sha256', `${DOMAINS.entry}${previous}\n${body}`, 'hex')
      for (const data of [entry, sig, node, node]) hash('sha256', data, 'hex')
    }
    records += page.length
  }
}

/** Records a second of CPU time on one trail, ways in turn. */
export async function benchVerify(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  const { path, known } = await benchTrail(join(folder, 'trail.db'), RECORDS)
  const rates = new Map(Object.keys(WAYS).map((name): [string, number[]] => [name, []]))
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(WAYS)) {
      const engine = new SqliteEngine({ path, readOnly: true })
      await engine.open()
      const before = process.cpuUsage()
      const { records, exitCode } = await way(engine, known)
      const { user, system } = process.cpuUsage(before)
      await engine.close()
      if (records !== RECORDS || exitCode !== 0) throw new Error(`${name}: the trail is not authentic`)
      rates.get(name)?.push((RECORDS / (user + system)) * 1e6)
    }
  }
  rmSync(folder, { recursive: true })
  const medians = [...rates].map(([name, all]): readonly [string, number] => [name, median(all)])
  const highest = medians[0]?.[1] ?? Number.NaN
  table(`verify: ${shown(RECORDS)} records, ${String(COMMIT)} a commit (median of ${String(ROUNDS)} rounds)`, [
    ['', 'records/s of CPU time', 'of the floor'],
    ...medians.map(([name, rate]) => [name, shown(rate), (rate / highest).toFixed(2)]),
  ])
}

if (import.meta.main) await benchVerify()
