import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { decodeBody } from '../../src/audit/decode-body.ts'
import type { RecordBody } from '../../src/audit/record-body.ts'
import { ImmutableAuditTrail } from '../../src/compose/immutable-audit-trail.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { SqliteEngine } from '../../src/engine/sqlite/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import type { Order, Report } from './spender-child.ts'

const CHILD = new URL('spender-child.ts', import.meta.url).pathname
const PROCESSES = 8
const ATTEMPTS = 100
const MAX_PENDING = 300
const ROUNDS = Number(process.env['CAPFENCE_ROUNDS'] ?? 10)
const KILL_ROUNDS = Math.ceil(ROUNDS / 10)
const alice = ed25519Signer('alice', new Uint8Array(32).fill(1))

const POLICY = `version: 1
approvers: { alice: "${alice.vkey}" }
approvals: { max_pending: ${String(MAX_PENDING)} }
require_approval:
  - id: big
    capability: payment.execute.high_value
    amount_gt: 1000
allow:
  - id: small
    capability: payment.execute.high_value
    amount_lte: 1000
    limit: { sum: amount, max: 5000, per: 24h, by: actor }
`

test.each([1, 7])(
  'of-800-attempts-in-8-processes-a-grant-of-%i-lets-as-many-run',
  { timeout: 120_000 + ROUNDS * 10_000 },
  async (uses) => {
    const home = opened()
    const fence = await openCapFence({
      policy: join(home, 'policy.yaml'),
      db: join(home, 'trail.db'),
      machine: homeIn(home),
    })
    const spenders = await Promise.all(Array.from({ length: PROCESSES }, () => spender(home)))
    for (let round = 0; round < ROUNDS; round++) {
      const actor = `agent-${String(round)}`
      const scope = { actor, capability: 'payment.execute.*', durationMs: 3_600_000, uses }
      await fence.approvals.grant(scope, { by: alice })
      const { ran, refused } = await allTold(spenders, { kind: 'race', actor, amount: 2_000, callers: ATTEMPTS })
      expect({ round, ran, refused }).toEqual({
        round,
        ran: uses,
        refused: {
          'require_approval policy_ask': MAX_PENDING,
          'deny approval_backlog': PROCESSES * ATTEMPTS - uses - MAX_PENDING,
        },
      })
      expect(ledger(home, actor)).toHaveLength(uses)
    }
    await Promise.all([fence.close(), ...spenders.map(ended)])
    expect(await verified(home)).toMatchObject({ exitCode: 0 })
  },
)

test('a-sum-limit-is-never-passed-by-8-processes-and-outlives-them', { timeout: 120_000 }, async () => {
  const home = opened()
  const order = { kind: 'spend', actor: 'agent', amount: 100, callers: 4 } as const
  const spenders = await Promise.all(Array.from({ length: PROCESSES }, () => spender(home)))
  const first = await allTold(spenders, order)
  // Each caller goes on until it is refused once.
  expect(first).toEqual({ ran: 50, refused: { 'deny limit_exhausted': PROCESSES * order.callers } })
  await Promise.all(spenders.map(ended))
  const late = await spender(home)
  expect(await allTold([late], order)).toEqual({ ran: 0, refused: { 'deny limit_exhausted': order.callers } })
  await ended(late)
  expect(sum(ledger(home, 'agent'))).toBe(5_000)
  expect(allowedSum(await bodies(home), 'agent')).toBe(5_000)
  expect(await verified(home)).toMatchObject({ exitCode: 0 })
})

test('a-sum-limit-is-never-passed-when-spenders-are-killed', { timeout: 120_000 + KILL_ROUNDS * 60_000 }, async () => {
  const home = opened()
  for (let round = 0; round < KILL_ROUNDS; round++) {
    const actor = `agent-${String(round)}`
    const kills = await spendUnderFire(home, actor)
    const spent = sum(ledger(home, actor))
    // What a killed spender was allowed and never did stays charged.
    expect(spent).toBeLessThanOrEqual(5_000)
    expect(spent).toBeGreaterThan(5_000 - (kills + 1) * 100 * CALLERS)
    expect(allowedSum(await bodies(home), actor)).toBe(5_000)
    expect(kills).toBeGreaterThan(3)
  }
  expect(await verified(home)).toMatchObject({ exitCode: 0 })
})

const CALLERS = 2
const LITTLE = 20
const MAX_KILLS = 16

/** Spends little by little until all is spent, while a random spender is killed and another one started in its place. */
async function spendUnderFire(home: string, actor: string): Promise<number> {
  const order = { kind: 'spend', actor, amount: LITTLE, callers: CALLERS, startAt: 0 } as const
  let kills = 0
  let done = false
  const one = async (): Promise<void> => {
    while (!done) {
      const child = await spender(home)
      const exit = once(child, 'exit')
      const report = told(child, order)
      const fuse = kills < MAX_KILLS ? setTimeout(() => child.kill('SIGKILL'), 10 + Math.random() * 200) : undefined
      const said = await Promise.race([report, exit.then(() => undefined)])
      clearTimeout(fuse)
      if (said === undefined) kills += 1
      else {
        expect(said.refused).toEqual({ 'deny limit_exhausted': CALLERS })
        done = true
        await ended(child)
      }
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, one))
  return kills
}

function opened(): string {
  const home = scratchFolder()
  writeFileSync(join(home, 'policy.yaml'), POLICY)
  return home
}

async function spender(home: string): Promise<ChildProcess> {
  const child = fork(CHILD, [home], { execArgv: ['--conditions=@capfence/source'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('a spender ended before it was ready')))
  await Promise.race([once(child, 'message'), failed])
  failed.catch(() => undefined) // it is ready, so its end is for others to judge
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.disconnect()
  expect(await exit).toEqual([0, null])
}

async function told(child: ChildProcess, order: Order): Promise<Report> {
  const answer = once(child, 'message')
  child.send(order)
  const [report] = (await answer) as [Report] // a spender sends nothing else
  return report
}

/** Gives all spenders the same order, to be begun at the same time; adds up what they report. */
async function allTold(spenders: readonly ChildProcess[], order: Omit<Order, 'startAt'>): Promise<Report> {
  const startAt = Date.now() + 50
  const reports = await Promise.all(spenders.map((child) => told(child, { ...order, startAt })))
  const refused: Record<string, number> = {}
  for (const [answer, count] of reports.flatMap((report) => Object.entries(report.refused))) {
    refused[answer] = (refused[answer] ?? 0) + count
  }
  return { ran: sum(reports.map(({ ran }) => ran)), refused }
}

function ledger(home: string, actor: string): readonly number[] {
  const path = join(home, `ledger-${actor}`)
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').map(Number) : []
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}

/** What the decisions that allowed an actor something were charged, all together. */
function allowedSum(found: readonly RecordBody[], actor: string): number {
  const charges = found.flatMap((body) =>
    body.kind === 'decision' && body.decision === 'allow' && body.event.actor === actor ? (body.charges ?? []) : [],
  )
  return sum(charges.map(({ amount }) => Number(amount)))
}

async function bodies(home: string): Promise<readonly RecordBody[]> {
  return withReader(home, async (engine) => {
    const found: RecordBody[] = []
    for (;;) {
      const page = await engine.records({ chain: 'main', from: found.length, limit: 1_000 })
      if (page.length === 0) return found
      found.push(...page.map(({ body }) => decodeBody(body)))
    }
  })
}

async function verified(home: string): Promise<unknown> {
  return withReader(home, (engine) => new ImmutableAuditTrail({ engine, machine: homeIn(home) }).verify())
}

async function withReader<Value>(home: string, use: (engine: SqliteEngine) => Promise<Value>): Promise<Value> {
  const engine = new SqliteEngine({ path: join(home, 'trail.db'), readOnly: true, machine: homeIn(home) })
  await engine.open()
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}
