import { type BaseDBEngine, CallRefusedError, openCapFence } from '@capfence/core'
import { ed25519Signer } from '@capfence/core/audit'
import { MemoryEngine } from '@capfence/core/memory'
import { expect, test } from 'vitest'
import { type EngineFault, type EngineFaultKind, faultyEngine } from '../src/engine/faulty-engine.ts'

const POLICY = new URL('fixtures/policy.yaml', import.meta.url).pathname
const DEADLINE_MS = 60
// Where nothing hangs, a busy machine must not look like a fault.
const PATIENT_MS = 5_000
/** More engine calls than two runs make. */
const CALLS = 16

const READ = {
  actor: 'agent',
  action: 'read',
  resource: 'filesystem.workspace',
  environment: 'test',
  risk: 'low',
} as const

interface Ran {
  readonly started: number
  readonly refused: readonly string[]
}

// Two runs of one tool on a fresh engine; a second look later tells whether a lost commit was taken back.
async function runOn(engine: BaseDBEngine, deadlineMs = DEADLINE_MS): Promise<Ran> {
  const { runtime } = await open(engine, deadlineMs)
  let started = 0
  const refused: string[] = []
  for (const id of ['one', 'two']) {
    try {
      await runtime.run({ ...READ, id, args: { id } }, () => {
        started += 1
      })
    } catch (error) {
      if (!(error instanceof CallRefusedError)) throw error
      refused.push(error.verdict.reason.code)
    }
  }
  return { started, refused }
}

async function open(engine: BaseDBEngine, deadlineMs = DEADLINE_MS): ReturnType<typeof openCapFence> {
  return openCapFence({
    policy: POLICY,
    db: engine,
    signer: ed25519Signer('test', new Uint8Array(32).fill(1)),
    deadlineMs,
    onFault: () => undefined,
  })
}

async function allowedIds(engine: BaseDBEngine): Promise<readonly string[]> {
  const records = await engine.records({ chain: 'main', from: 0, limit: 1_000 })
  const bodies = records.map(
    ({ body }) => JSON.parse(body) as { kind: string; decision?: string; event?: { id: string } },
  )
  return bodies.flatMap((body) => (body.kind === 'decision' && body.decision === 'allow' ? [body.event?.id ?? ''] : []))
}

const KINDS: readonly EngineFaultKind[] = ['refuse', 'lose', 'hang', 'hang-after']

for (const kind of KINDS) {
  test(
    `no-tool-starts-without-a-durable-decision-when-an-engine-call-fails (${kind})`,
    { timeout: 60_000 },
    async () => {
      let faulted = 0
      for (let call = 2; call <= CALLS; call++) {
        const store = new MemoryEngine()
        const engine = faultyEngine(store, [{ call, kind }])
        const { started, refused } = await runOn(engine)
        if (engine.calls.length >= call) faulted += 1
        // Each start has its decision, and each call either ran or was refused.
        expect((await allowedIds(store)).length).toBeGreaterThanOrEqual(started)
        expect(started + refused.length).toBe(2)
      }
      expect(faulted).toBeGreaterThan(3)
    },
  )
}

test('no-tool-ever-starts-on-an-engine-whose-commits-always-fail', async () => {
  for (const kind of KINDS) {
    const plan: EngineFault[] = Array.from({ length: 50 }, (_item, index) => ({
      method: 'commit',
      call: index + 1,
      kind,
    }))
    const patience = kind.startsWith('hang') ? DEADLINE_MS : PATIENT_MS
    const { started, refused } = await runOn(faultyEngine(new MemoryEngine(), plan), patience)
    // `lose` tells of a failure although the commit landed: the chain is read again, and holds the decision.
    expect([kind, started]).toEqual([kind, kind === 'lose' ? 2 : 0])
    for (const code of refused) expect(['fault_engine', 'deadline']).toContain(code)
  }
})

test('a-commit-that-landed-after-its-caller-was-refused-is-taken-back', async () => {
  const store = new MemoryEngine()
  // The commit of the first decision lands, but nobody hears of it.
  const { runtime } = await open(faultyEngine(store, [{ method: 'commit', call: 1, kind: 'hang-after' }]))
  const first = await runtime.execute({ ...READ, id: 'one' })
  expect(first).toMatchObject({ authorized: false, record: null, reason: { code: 'deadline' } })
  await expect.poll(async () => (await runtime.execute({ ...READ, id: 'other' })).authorized).toBe(true)
  await runtime.close()
  const again = await open(store, PATIENT_MS)
  expect(await again.runtime.execute({ ...READ, id: 'one' })).toMatchObject({ authorized: true })
})

test('a-failing-signer-lets-nothing-run', async () => {
  const broken = [
    () => {
      throw new Error('the token is gone')
    },
    () => new Promise<never>(() => undefined),
    () => new Uint8Array(64),
    () => new Uint8Array(3),
  ]
  const { vkey, keyId } = ed25519Signer('test', new Uint8Array(32).fill(1))
  for (const sign of broken) {
    const store = new MemoryEngine()
    const fence = await openCapFence({
      policy: POLICY,
      db: store,
      signer: { vkey, keyId, sign },
      deadlineMs: DEADLINE_MS,
    })
    const verdict = await fence.runtime.execute(READ)
    expect(verdict.authorized).toBe(false)
    expect(['fault_signer', 'deadline']).toContain(verdict.reason.code)
    expect(await store.records({ chain: 'main', from: 0, limit: 10 })).toEqual([])
  }
})
