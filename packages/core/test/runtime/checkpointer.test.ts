import { describe, expect, test } from 'vitest'
import type { ChainHead } from '../../src/audit/chain-store.ts'
import { noteKeys, openCheckpoint, signCheckpoint } from '../../src/audit/checkpoint-note.ts'
import {
  CHECKPOINTS,
  checkpointKey,
  formatStoredCheckpoint,
  keptCheckpointKey,
  parseStoredCheckpoint,
} from '../../src/audit/checkpoint-state.ts'
import type { Checkpoint } from '../../src/audit/checkpoint.ts'
import { frontierRoot, leafHash } from '../../src/audit/merkle.ts'
import { type Sealed, genesisHead, seal } from '../../src/audit/seal.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { type Machine, machine } from '../../src/kernel/ports.ts'
import type { BaseDBEngine } from '../../src/runtime/base-db-engine.ts'
import { type Extension, checkpointer } from '../../src/runtime/checkpointer.ts'
import type { CommitJob, Committed } from '../../src/runtime/commit-job.ts'
import type { RuntimeFault } from '../../src/runtime/parts.ts'
import { decision, fixedIds, opened } from '../audit/trail.ts'
import { gate, read } from './gate.ts'

const KEY = checkpointKey('main')
// The gate's own.
const SIGNER = ed25519Signer('test', new Uint8Array(32).fill(7))
const KEYS = noteKeys([SIGNER.vkey])

async function stateOf(engine: BaseDBEngine): Promise<ReadonlyMap<string, string>> {
  const entries = await engine.list({ prefix: CHECKPOINTS, limit: 1000 })
  return new Map(entries.map(({ key, value }) => [key, value]))
}

async function standing(engine: BaseDBEngine, key = KEY): Promise<Checkpoint | undefined> {
  const value = (await stateOf(engine)).get(key)
  if (value === undefined) return undefined
  const opened = openCheckpoint(parseStoredCheckpoint(value)?.note ?? '', KEYS)
  if (typeof opened === 'string') throw new Error(opened)
  return opened
}

async function expectHead(engine: BaseDBEngine): Promise<void> {
  const [head] = await engine.chains()
  expect(await standing(engine)).toEqual({
    origin: head?.origin,
    size: head?.size,
    root: new Uint8Array(frontierRoot(head?.frontier ?? [])),
  })
}

/** A machine whose timers run when they are told to. */
function patient(): { readonly machine: Machine; readonly ring: (ms: number) => Promise<void> } {
  const own = machine()
  const timers = new Set<{ readonly ms: number; readonly task: () => void }>()
  const clock: Machine['clock'] = {
    ...own.clock,
    after: (ms, task, hold) => {
      if (hold !== undefined) return own.clock.after(ms, task, hold)
      const timer = { ms, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  return {
    machine: { ...own, clock },
    ring: async (ms) => {
      for (const timer of [...timers].filter((waiting) => waiting.ms === ms)) {
        timers.delete(timer)
        timer.task()
      }
      for (let turns = 0; turns < 20; turns++) await own.clock.turn()
    },
  }
}

describe('a checkpoint', () => {
  test('is-written-on-close-over-all-that-was-recorded', async () => {
    const { runtime, engine } = await gate()
    await runtime.execute(read())
    await runtime.run(read(), async () => 'done')
    await runtime.close()
    await expectHead(engine)
    const size = (await standing(engine))?.size ?? 0
    expect(size).toBe(4)
    expect(await standing(engine, keptCheckpointKey('main', size))).toMatchObject({ size })
  })

  test('is-written-each-second-with-news-and-not-without', async () => {
    const { machine: slow, ring } = patient()
    const { runtime, engine } = await gate({ machine: slow })
    await runtime.execute(read())
    expect(await standing(engine)).toBeUndefined()
    await ring(1000)
    await expectHead(engine)
    const before = await stateOf(engine)
    await ring(1000)
    expect(await stateOf(engine)).toEqual(before)
    await runtime.execute(read())
    await ring(1000)
    await expectHead(engine)
    // The first of its 4,096 records is kept, the others make room for the next.
    expect([...(await stateOf(engine)).keys()]).toEqual([KEY, keptCheckpointKey('main', 2)])
    await runtime.close()
  })

  test('is-written-after-256-records-without-waiting-and-costs-no-commit-under-load', async () => {
    const { machine: slow } = patient()
    const inner = new MemoryEngine()
    let [commits, pages] = [0, 0]
    const counted = counting(inner, () => (commits += 1))
    const records: BaseDBEngine['records'] = (page) => {
      pages += 1
      return inner.records(page)
    }
    const { runtime } = await gate({ machine: slow, engine: over(counted, { records }) })
    const calls = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) await runtime.execute(read())
    }
    await Promise.all(Array.from({ length: 64 }, calls))
    const size = (await standing(inner))?.size ?? 0
    expect(size).toBeGreaterThan(512)
    expect(size).toBeLessThanOrEqual(1281)
    // 20 rounds, the opening, and what lies between.
    expect(commits).toBeLessThan(40)
    await runtime.close()
    // One look for each checkpoint at the record that the last one ends in; what this process wrote is not read again.
    expect(pages).toBeLessThan(10)
    await expectHead(inner)
  })

  test('never-goes-back-where-many-processes-write', async () => {
    const engine = new MemoryEngine()
    const sizes: number[] = []
    const watched = counting(engine, (commit) => {
      const value = commit.write.find(({ key }) => key === KEY)?.value ?? ''
      const size = parseStoredCheckpoint(value)?.checkpoint.size
      if (size !== undefined) sizes.push(size)
    })
    const gates = await Promise.all([0, 1, 2, 3].map(() => gate({ engine: watched })))
    await Promise.all(
      gates.map(async ({ runtime }) => {
        for (let round = 0; round < 8; round++) {
          await Promise.all(Array.from({ length: 40 }, () => runtime.execute(read())))
        }
      }),
    )
    await Promise.all(gates.map(({ runtime }) => runtime.close()))
    await expectHead(engine)
    expect(sizes.length).toBeGreaterThan(3)
  })

  test('of-an-earlier-process-spares-the-next-one-the-way-from-the-beginning', async () => {
    const engine = new MemoryEngine()
    const first = await gate({ engine })
    await Promise.all(Array.from({ length: 300 }, () => first.runtime.execute(read())))
    await first.runtime.close()
    const from: number[] = []
    const second = await gate({
      engine: over(engine, {
        records: (page) => {
          from.push(page.from)
          return engine.records(page)
        },
      }),
    })
    await second.runtime.execute(read())
    await second.runtime.close()
    await expectHead(engine)
    // A writer looks at the last commit of the chain when it begins, and at nothing before it.
    expect(Math.min(...from)).toBeGreaterThanOrEqual(256)
  })
})

describe('a fault', () => {
  test.each<[string, (engine: BaseDBEngine, isBroken: () => boolean) => Partial<BaseDBEngine>]>([
    [
      'of-reading',
      (engine, isBroken) => ({
        read: (wanted) =>
          isBroken() && wanted.keys[0] === KEY ? Promise.reject(new Error('broken')) : engine.read(wanted),
      }),
    ],
    [
      'that-never-answers',
      (engine, isBroken) => ({
        read: (wanted) => (isBroken() && wanted.keys[0] === KEY ? new Promise(() => undefined) : engine.read(wanted)),
      }),
    ],
  ])('%s-fails-no-decision-is-told-and-is-made-good', async (_what, broken) => {
    const inner = new MemoryEngine()
    const { machine: slow, ring } = patient()
    let isBroken = true
    const engine = over(
      inner,
      broken(inner, () => isBroken),
    )
    const faults: RuntimeFault[] = []
    const { runtime } = await gate({ machine: slow, engine, deadlineMs: 300, onFault: (fault) => faults.push(fault) })
    expect(await runtime.execute(read())).toMatchObject({ authorized: true })
    await ring(1000)
    await expect.poll(() => faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({ step: 'checkpoint' })
    expect(await runtime.execute(read())).toMatchObject({ authorized: true })
    expect(await standing(inner)).toBeUndefined()
    isBroken = false
    await ring(2000)
    await expectHead(inner)
    expect(faults).toHaveLength(1)
    await runtime.close()
  })

  test('of-the-signer-while-a-checkpoint-is-signed-fails-no-decision', async () => {
    let isBroken = false
    const note = (message: Uint8Array): boolean => !Buffer.from(message).toString('latin1').startsWith('capfence/audit')
    const signer = {
      ...SIGNER,
      sign: (message: Uint8Array) => (isBroken && note(message) ? new Uint8Array(64) : SIGNER.sign(message)),
    }
    const faults: RuntimeFault[] = []
    const { runtime, engine } = await gate({ signer, onFault: (fault) => faults.push(fault) })
    isBroken = true
    expect(await runtime.execute(read())).toMatchObject({ authorized: true })
    await runtime.close()
    expect(faults.map(({ step }) => step)).toEqual(['checkpoint'])
    expect(await standing(engine)).toBeUndefined()
  })

  test.each([
    ['a form that is none', (value: string) => value.replace('"v":1', '"v":2'), 'damaged'],
    ['another log', (value: string) => value.replace('capfence.local', 'capfence.1ocal'), 'is of `capfence.1ocal'],
  ])('in-the-checkpoint-that-stands-there-is-told-and-left-for-verify-to-find: %s', async (_what, spoil, said) => {
    const engine = new MemoryEngine()
    const first = await gate({ engine })
    await first.runtime.execute(read())
    await first.runtime.close()
    const value = (await stateOf(engine)).get(KEY) ?? ''
    const damaged = spoil(value)
    await engine.commit({ expect: [], write: [{ key: KEY, value: damaged }] })
    const faults: RuntimeFault[] = []
    const second = await gate({ engine, onFault: (fault) => faults.push(fault) })
    expect(await second.runtime.execute(read())).toMatchObject({ authorized: true })
    await second.runtime.close()
    expect(faults).toMatchObject([{ step: 'checkpoint', message: expect.stringContaining(said) as string }])
    expect((await stateOf(engine)).get(KEY)).toBe(damaged)
  })
})

describe('a checkpoint over records that are gone', () => {
  const ids = fixedIds()
  const genesis = genesisHead({ chain: 'main', vkey: SIGNER.vkey, ids })

  async function sealed(head: ChainHead, drafts: Parameters<typeof seal>[0]['drafts']): Promise<Sealed> {
    return seal({ head, drafts, at: 1, signer: SIGNER, ids })
  }

  // Two records are left; a checkpoint over all three that there were, and one over the first, still stand there.
  async function cutTrail(): Promise<{ readonly engine: BaseDBEngine; readonly extension: Extension }> {
    const engine = new MemoryEngine()
    const first = await sealed(genesis, [opened(SIGNER)])
    const lost = await sealed(first.head, [decision(), decision()])
    const again = await sealed(first.head, [decision()])
    for (const { head, records, values } of [first, again]) {
      const { head: now } = await engine.read({ chain: 'main', keys: [] })
      const append = { headVersion: now?.version ?? 0, head, records, values }
      await engine.commit({ append, expect: [], write: [] })
    }
    const value = async ({ origin, size, frontier }: ChainHead): Promise<string> => {
      const note = await signCheckpoint(SIGNER, { origin, size, root: frontierRoot(frontier) })
      return formatStoredCheckpoint({ note, frontier })
    }
    const write = [
      { key: KEY, value: await value(lost.head) },
      { key: keptCheckpointKey('main', 3), value: await value(lost.head) },
      { key: keptCheckpointKey('main', 1), value: await value(first.head) },
    ]
    await engine.commit({ expect: [], write })
    return { engine, extension: { before: first.head, after: again.head, signer: SIGNER } }
  }

  test.each([false, true])('is-left-until-a-person-gave-them-up: %s', async (acceptsLoss) => {
    const { engine, extension } = await cutTrail()
    const before = await stateOf(engine)
    const faults: string[] = []
    const checkpoints = checkpointer({
      engine,
      machine: machine(),
      chain: 'main',
      callLimitMs: 1000,
      acceptsLoss,
      fault: (message) => faults.push(message),
      submit: (job) => commitAlone(engine, job),
    })
    checkpoints.extended(extension)
    await checkpoints.close()
    if (acceptsLoss) {
      expect(faults).toEqual([])
      await expectHead(engine)
      const keys = [KEY, keptCheckpointKey('main', 1), keptCheckpointKey('main', 2)]
      expect([...(await stateOf(engine)).keys()]).toEqual(keys)
    } else {
      expect(faults).toHaveLength(1)
      expect(faults[0]).toContain('covers 3 records, more than are there')
      expect(await stateOf(engine)).toEqual(before)
    }
  })
})

describe('a tree that was put into the head row', () => {
  async function written(forge: boolean): Promise<{ readonly engine: BaseDBEngine; readonly extension: Extension }> {
    const engine = new MemoryEngine()
    const ids = fixedIds()
    const genesis = genesisHead({ chain: 'main', vkey: SIGNER.vkey, ids })
    const first = await seal({ head: genesis, drafts: [opened(SIGNER), decision()], at: 1, signer: SIGNER, ids })
    const head = forge ? { ...first.head, frontier: [leafHash(Uint8Array.of(1))] } : first.head
    const second = await seal({ head, drafts: [decision()], at: 1, signer: SIGNER, ids })
    for (const [headVersion, { head: to, records, values }] of [first, second].entries()) {
      const { head: now } = await engine.read({ chain: 'main', keys: [] })
      const done = await engine.commit({
        append: { headVersion: now?.version ?? headVersion, head: to, records, values },
        expect: [],
        write: [],
      })
      expect(done.kind).toBe('committed')
    }
    return { engine, extension: { before: head, after: second.head, signer: SIGNER } }
  }

  test.each([false, true])('is-never-signed-unseen: %s', async (forge) => {
    const { engine, extension } = await written(forge)
    const faults: string[] = []
    let submitted = 0
    const checkpoints = checkpointer({
      engine,
      machine: machine(),
      chain: 'main',
      callLimitMs: 1000,
      fault: (message) => faults.push(message),
      submit: async (job) => {
        if (job.keys.length > 0) submitted += 1
        return { kind: 'failed', fault: { code: 'deadline', message: 'not in this test' } }
      },
    })
    checkpoints.extended(extension)
    await checkpoints.close()
    expect(submitted).toBe(forge ? 0 : 1)
    expect(faults).toHaveLength(1)
    if (forge) expect(faults[0]).toContain('is not the one over its records')
  })
})

describe('the state value of a checkpoint', () => {
  test('comes-back-as-it-was-and-is-refused-where-it-was-changed', async () => {
    const { runtime, engine } = await gate()
    for (let round = 0; round < 4; round++) await runtime.execute(read())
    await runtime.close()
    const value = (await stateOf(engine)).get(KEY) ?? ''
    const stored = parseStoredCheckpoint(value)
    expect(stored && formatStoredCheckpoint(stored)).toBe(value)
    for (const changed of [
      '',
      'null',
      '[]',
      `${value} `,
      value.replace('"v":1', '"v":2'),
      value.replace('{', '{"a":1,'),
      value.replace(/"frontier":\["[0-9a-f]/, '"frontier":["x'),
      value.replace(/"frontier":\["[0-9a-f]{64}",?/, '"frontier":['),
      value.replace('\\n5\\n', '\\n4\\n'),
    ]) {
      expect(changed).not.toBe(value)
      expect(parseStoredCheckpoint(changed), changed).toBeUndefined()
    }
  })
})

/** One job a commit, as the trail writer applies it. */
async function commitAlone<Value>(engine: BaseDBEngine, job: CommitJob<Value>): Promise<Committed<Value>> {
  const { state, now } = await engine.read({ keys: job.keys })
  const place = { chain: 'main', origin: '', headAt: now, seq: 0, readAt: { monotonic: 0, wall: 0 } }
  const { writes, value } = job.apply({ ...place, now, get: (key) => state.get(key)?.value })
  const expectations = job.keys.map((key) => ({ key, version: state.get(key)?.version ?? 0 }))
  const done = await engine.commit({ expect: expectations, write: writes })
  expect(done.kind).toBe('committed')
  return { kind: 'committed', value }
}

function over(engine: BaseDBEngine, change: Partial<BaseDBEngine>): BaseDBEngine {
  const bound = Object.fromEntries(
    (['open', 'now', 'read', 'commit', 'list', 'chains', 'records', 'values', 'close'] as const).map((name) => [
      name,
      engine[name].bind(engine),
    ]),
  ) as unknown as BaseDBEngine // every method of it
  return { ...bound, kind: engine.kind, identity: engine.identity, ephemeral: true, ...change }
}

function counting(engine: BaseDBEngine, told: (commit: Parameters<BaseDBEngine['commit']>[0]) => void): BaseDBEngine {
  return over(engine, {
    commit: (commit) => {
      told(commit)
      return engine.commit(commit)
    },
  })
}
