import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionEventInit, machine } from '@capfence/core'
import { saltedDigest } from '../src/action/salted-digest.ts'
import { type Envelope, INBOX } from '../src/approval/inbox.ts'
import { signStatement } from '../src/compose/sign-statement.ts'
import { fromHex } from '../src/kernel/bytes.ts'
import { ALICE, type Bench, ENGINES, decided, event, openBench } from './approval-fence.ts'
import { fill } from './full-state.ts'
import { median, shown, table } from './median.ts'

/** A kind of decision: how its events come to be, which is not timed, and what must be answered. */
interface Subject {
  readonly name: string
  readonly code: string
  readonly prepare: (count: number, bench: Bench) => Promise<readonly ActionEventInit[]> | readonly ActionEventInit[]
}

const ROUNDS = 7
const DAY_MS = 86_400_000
const FEW = 10
const MANY = 100_000

const many = (count: number, make: (index: number) => ActionEventInit): readonly ActionEventInit[] =>
  Array.from({ length: count }, (_none, index) => make(index))

let askers = 0

// An actor is asked for at most so many times, so that its backlog stays as short as it is in life.
const ASKED_PER_ACTOR = 20

function questions(count: number): readonly ActionEventInit[] {
  const from = askers++
  return many(count, (index) =>
    event('push', 'github.main', `asker-${String(from)}-${String(Math.floor(index / ASKED_PER_ACTOR))}`),
  )
}

// Past `approve`, which looks for each request among all: as if the approvers had signed on machines of their own.
async function approved({ fence, engine }: Bench, count: number): Promise<readonly ActionEventInit[]> {
  const asked = questions(count)
  await decided(fence.runtime, asked, { callers: count, code: 'policy_ask' })
  const { head } = await engine.read({ chain: 'main', keys: [] })
  const signing = { origin: head?.head.origin ?? '', by: ALICE, machine: machine() }
  const envelopes: Envelope[] = []
  for (const { id, actor, digest, salt, expiresAt } of await fence.approvals.pending()) {
    const salted = saltedDigest(digest, fromHex(salt) ?? new Uint8Array()) ?? ''
    const said = { kind: 'approve', request: id, digest: salted, uses: 1, expires_at: expiresAt } as const
    if (asked.some((event) => event.actor === actor)) {
      envelopes.push(await signStatement(said, { ...signing, hint: { digest, actor } }))
    }
  }
  // As many as an inbox holds.
  for (let from = 0; from < envelopes.length; from += 64) {
    const value = JSON.stringify({ v: 1, waiting: envelopes.slice(from, from + 64) })
    await engine.commit({ expect: [], write: [{ key: INBOX, value }] })
    await decided(fence.runtime, [event('read', 'filesystem.workspace')], { callers: 1, code: 'policy_allow' })
  }
  return asked
}

const PLAIN: Subject = {
  name: 'a plain allow',
  code: 'policy_allow',
  prepare: (count) => many(count, () => event('read', 'filesystem.workspace')),
}
const LIMIT: Subject = {
  name: 'an allow with a `limit`',
  code: 'policy_allow',
  prepare: (count) => many(count, () => event('execute', 'payment.card')),
}
const AFTER: Subject = {
  name: 'an allow, and a deny with an `after`',
  code: 'policy_allow',
  prepare: (count) => many(count, () => event('send', 'mail.outside')),
}
const GRANT: Subject = {
  name: 'allowed by a pattern grant',
  code: 'approved',
  prepare: (count) => many(count, () => event('push', 'github.main', 'granted')),
}
const GRANTS_64: Subject = {
  name: 'allowed by one of 64 grants of an actor',
  code: 'approved',
  prepare: (count) => many(count, () => event('push', 'github.main', 'full')),
}
const APPROVAL: Subject = {
  name: 'allowed by an approval, used up',
  code: 'approved',
  prepare: (count, bench) => approved(bench, count),
}
const QUESTION: Subject = {
  name: 'a question (require_approval)',
  code: 'policy_ask',
  prepare: (count) => questions(count),
}

/** One subject on one gate, over all rounds. */
interface Times {
  readonly waits: number[]
  readonly perDecision: number[]
}

interface Cell {
  readonly subject: Subject
  readonly bench: Bench
}

/** Takes the cells in turn, so that whatever slows the machine slows all of them. */
async function timesOf(
  cells: readonly Cell[],
  callers: number,
): Promise<readonly { readonly waitMs: number; readonly perDecisionMs: number }[]> {
  const times = cells.map((): Times => ({ waits: [], perDecision: [] }))
  const count = callers === 1 ? 40 : callers
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, { subject, bench }] of cells.entries()) {
      const events = await subject.prepare(count, bench)
      const startedAt = performance.now()
      const waits = await decided(bench.fence.runtime, events, { callers, code: subject.code })
      const passed = performance.now() - startedAt
      if (round < 0) continue
      times[index]?.waits.push(...waits)
      times[index]?.perDecision.push(passed / count)
    }
  }
  return times.map(({ waits, perDecision }) => ({ waitMs: median(waits), perDecisionMs: median(perDecision) }))
}

/** What decisions cost that rest on people and on state, beside a plain one; and what full tables add to that. */
export async function benchApprovals(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  // Keys and heads of its own: a benchmark leaves nothing in the user's folders.
  Object.assign(process.env, { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder })
  for (const engine of ['sqlite', 'memory'] as const) {
    await benchKinds(folder, engine)
    await benchFullState(folder, engine)
  }
  rmSync(folder, { recursive: true })
}

async function benchKinds(folder: string, engine: keyof typeof ENGINES): Promise<void> {
  const bench = await openBench(folder, ENGINES[engine](folder, 'kinds'))
  await grants(bench)
  const subjects = [PLAIN, LIMIT, AFTER, GRANT, GRANTS_64, APPROVAL, QUESTION]
  const cells = subjects.map((subject) => ({ subject, bench }))
  const alone = await timesOf(cells, 1)
  const crowd = await timesOf(cells, 64)
  await bench.close()
  const row = ({ name }: Subject, index: number): readonly string[] => [
    name,
    micros(alone[index]?.waitMs),
    ratio(alone[index]?.waitMs, alone[0]?.waitMs),
    micros(crowd[index]?.perDecisionMs),
    ratio(crowd[index]?.perDecisionMs, crowd[0]?.perDecisionMs),
    micros(crowd[index]?.waitMs),
  ]
  table(`Decisions on ${engine} (µs; median of ${String(ROUNDS)} rounds; × a plain allow)`, [
    ['', 'a wait of 1', '×', 'a decision of 64', '×', 'a wait of 64'],
    ...subjects.map(row),
  ])
}

async function benchFullState(folder: string, engine: keyof typeof ENGINES): Promise<void> {
  const benches: Bench[] = []
  for (const size of [FEW, MANY]) {
    const bench = await openBench(folder, ENGINES[engine](folder, String(size)))
    // Signing so much keeps the event loop busy, so one after the other.
    await fill(bench, { requests: size, grants: size })
    await grants(bench)
    benches.push(bench)
  }
  const subjects = [PLAIN, LIMIT, GRANT, QUESTION]
  const cells = subjects.flatMap((subject) => benches.map((bench) => ({ subject, bench })))
  const rows = [['', 'callers', `${shown(FEW)} (µs)`, `${shown(MANY)} (µs)`, '×']]
  for (const callers of [1, 64]) {
    const times = await timesOf(cells, callers)
    for (const [index, { name }] of subjects.entries()) {
      const [few, full] = [times[index * 2]?.perDecisionMs, times[index * 2 + 1]?.perDecisionMs]
      rows.push([name, String(callers), micros(few), micros(full), ratio(full, few)])
    }
  }
  for (const bench of benches) await bench.close()
  table(`Decisions on ${engine} beside so many pending requests and so many live grants`, rows)
}

async function grants({ fence }: Bench): Promise<void> {
  const grant = { capability: 'github.push.*', durationMs: DAY_MS }
  await fence.approvals.grant({ ...grant, actor: 'granted' }, { by: ALICE })
  for (let index = 0; index < 64; index++) await fence.approvals.grant({ ...grant, actor: 'full' }, { by: ALICE })
}

function micros(ms = Number.NaN): string {
  return shown(ms * 1_000)
}

function ratio(value: number | undefined, to: number | undefined): string {
  return value === undefined || to === undefined ? '' : (value / to).toFixed(2)
}

if (import.meta.main) await benchApprovals()
