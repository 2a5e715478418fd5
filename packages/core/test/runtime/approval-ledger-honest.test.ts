import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Verdict } from '../../src/action/verdict.ts'
import { COUNTERS } from '../../src/approval/counters.ts'
import { GRANTS } from '../../src/approval/grants.ts'
import { MARKS } from '../../src/approval/marks.ts'
import { BACKLOGS, REQUESTS } from '../../src/approval/requests.ts'
import { SUSPENSION } from '../../src/approval/suspension.ts'
import { rebuildState } from '../../src/compose/rebuild.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { alice, approvalGate, bob, engineAt, machineAt } from './approval-gate.ts'
import { known, verified } from './approval-trail.ts'
import { pay } from './gate.ts'
import type { Gate } from './gate.ts'

const TEXT = `version: 1
approvers: { alice: "${alice.vkey}", bob: "${bob.vkey}" }
deny:
  - id: not-after-much
    capability: payment.execute.high_value
    amount_lt: 500
    session: [s0]
    after: { capability: [payment.execute.high_value], within: 1m, by: session }
require_approval:
  - { id: big, capability: payment.execute.high_value, amount_gt: 1000, approval: { expires_in: 10m, quorum: 2 } }
  - id: odd
    capability: payment.execute.high_value
    session: [s2]
    amount_gt: 1000
    approval: { expires_in: 5m, approvers: [alice] }
allow:
  - id: few
    capability: payment.execute.high_value
    amount_lte: 500
    limit: { sum: amount, max: 1000, per: 10m, by: [actor] }
  - { id: some, capability: payment.execute.high_value, amount_gt: 500, limit: { count: true, max: 4, per: 5m, by: [session] } }
`

// The same rules for others: who may approve, what asks, and whether anything is enforced at all.
const OTHERS = [
  TEXT.replace(/approvers: .*/, `approvers: { bob: "${bob.vkey}" }`).replaceAll('quorum: 2', 'quorum: 1'),
  TEXT.replace('version: 1', 'version: 1\nmode: observe'),
  TEXT.replace('max: 4', 'max: 1').replace(
    'amount_gt: 1000, approval: { expires_in: 10m',
    'amount_gt: 2500, approval: { expires_in: 1m',
  ),
]

const pick = <Item>(items: readonly Item[], at: number): Item | undefined => items[at % Math.max(1, items.length)]

type Step = readonly [kind: number, at: number, amount: number]

const BY = [alice, bob] as const
const ACTORS = ['agent', 'other'] as const

// One random operation on a gate: whatever it refuses is as good as what it does.
function operations(
  gate: Gate,
  clock: { now: number },
  allowed: Verdict[],
): ((at: number, n: number) => Promise<unknown>)[] {
  const { runtime, approvals } = gate
  const event = (at: number, n: number) =>
    pay([300, 900, 2000, 3000][n % 4], { actor: pick(ACTORS, at) ?? '', session: `s${String(n % 3)}` })
  const execute = async (at: number, n: number): Promise<void> => {
    const verdict = await runtime.execute(event(at, n))
    if (verdict.authorized) allowed.push(verdict)
  }
  const by = (n: number) => ({ by: pick(BY, n) ?? alice })
  return [
    execute,
    execute,
    execute,
    async (at, n) => {
      const request = pick(await approvals.pending(), at)
      if (request !== undefined) await approvals.approve(request.id, by(n))
    },
    async (at, n) => {
      const request = pick(await approvals.pending(), at)
      if (request !== undefined) await approvals.approve(request.id, by(n + 1))
    },
    async (at, n) => {
      const request = pick(await approvals.pending(), at)
      if (request !== undefined && n % 3 === 0) await approvals.reject(request.id, by(n))
    },
    (at, n) =>
      approvals.grant(
        {
          actor: pick(ACTORS, at) ?? '',
          capability: 'payment.execute.*',
          durationMs: 60_000 * (1 + (n % 30)),
          ...(n % 2 === 0 ? { uses: 1 + (n % 3) } : {}),
          ...(n % 5 === 0 ? { session: 's1' } : {}),
        },
        by(n),
      ),
    async (at, n) => {
      const grant = pick(await approvals.grants(), at)
      if (grant !== undefined) await approvals.revoke(grant.statement.id, by(n))
    },
    async (at) => {
      const verdict = allowed.splice(at % Math.max(1, allowed.length), 1)[0]
      if (verdict !== undefined) await runtime.report(verdict, at % 3 === 0 ? 'succeeded' : 'not_executed')
    },
    async (at, n) => {
      if (n % 4 === 0) await approvals.suspend(n % 8 === 0 ? null : (pick(ACTORS, at) ?? ''), by(n))
    },
    async (at) => {
      const suspension = pick(await approvals.suspensions(), at)
      if (suspension !== undefined) await approvals.resume(suspension.actor, { by: alice })
    },
    async (at) => {
      clock.now += at * 1000
    },
  ]
}

async function stateOf(engine: BaseDBEngine): Promise<ReadonlyMap<string, string>> {
  const rows = new Map<string, string>()
  for (const prefix of [GRANTS, REQUESTS, BACKLOGS, COUNTERS, MARKS, SUSPENSION]) {
    for (const { key, value } of await engine.list({ prefix, limit: 1000 })) rows.set(key, value)
  }
  return rows
}

async function wipe(engine: BaseDBEngine): Promise<void> {
  const keys = [...(await stateOf(engine)).keys()]
  await engine.commit({ expect: [], write: keys.map((key) => ({ key, value: null })) })
}

// Runs steps on two gates over one engine, each with a policy of its own.
async function played(steps: readonly Step[], others: string): Promise<BaseDBEngine> {
  const clock = { now: 1_790_000_000_000 }
  const engine = engineAt(clock)
  const gates = []
  for (const text of [TEXT, others]) gates.push(await approvalGate({ text, engine, machine: machineAt(clock) }))
  const allowed: Verdict[] = []
  const all = gates.map((gate) => operations(gate, clock, allowed))
  for (const [kind, at, n] of steps) {
    await Promise.resolve(pick(pick(all, n) ?? [], kind)?.(at, n)).catch(() => undefined)
  }
  return engine
}

const STEPS = fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 200 }), fc.nat({ max: 40 })), {
  minLength: 20,
  maxLength: 250,
  size: 'max',
})

describe('what the gate itself wrote', () => {
  test.each(OTHERS)(
    'always-verifies-clean-and-rebuilds-to-the-same-state (%#)',
    { timeout: 120_000 },
    async (others) => {
      await fc.assert(
        fc.asyncProperty(STEPS, async (steps) => {
          const engine = await played(steps, others)
          const report = await verified(engine)
          if ((await engine.chains()).length === 0) return
          expect(report.firstBad).toBeUndefined()
          expect(report.status).toBe('authentic')
          expect(report.notes.filter((note) => note.includes('rebuild'))).toEqual([])
          expect(await rebuildState(engine, await known(engine))).toMatchObject({ changed: 0, lost: 0 })
          await wipe(engine)
          await rebuildState(engine, await known(engine))
          const again = await verified(engine)
          expect(again.firstBad).toBeUndefined()
          expect(again.notes.filter((note) => note.includes('rebuild'))).toEqual([])
          expect(await rebuildState(engine, await known(engine))).toMatchObject({ changed: 0 })
        }),
        { numRuns: 4, endOnFailure: true },
      )
    },
  )

  test('a-request-that-one-of-its-rules-wants-another-to-sign-still-waits-after-a-rebuild', async () => {
    // Both rules ask; who signs counts for one of them alone.
    const steps: readonly Step[] = [
      [1, 1, 35],
      [3, 197, 1],
    ]
    const engine = await played(steps, OTHERS[0] ?? '')
    expect((await stateOf(engine)).size).toBeGreaterThan(1)
    expect(await rebuildState(engine, await known(engine))).toMatchObject({ changed: 0, lost: 0 })
  })
})
