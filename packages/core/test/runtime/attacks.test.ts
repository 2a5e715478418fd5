import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { ActionEventInit } from '../../src/action/action-event.ts'
import type { Verdict } from '../../src/action/verdict.ts'
import { type CapFence, openCapFence } from '../../src/compose/open-capfence.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { ed25519Signer } from '../../src/kernel/ed25519.ts'
import { type Clock, type Machine, machine } from '../../src/kernel/ports.ts'
import type { CommitResult } from '../../src/runtime/base-db-engine.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { type Gate, POLICY, gate, pay, read, wipe } from './gate.ts'

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs)
  })

/** What a refused run was refused for; `ran` where it was not. */
async function refusalOf(run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (error === undefined) return 'ran'
  const { verdict } = error as { verdict?: Verdict } // what else is thrown has none
  return verdict?.reason.code ?? (error instanceof Error ? error.message : 'not an error')
}

/** What the records say, in order: a decision's word, an outcome's word, else the kind. */
async function story({ records }: Pick<Gate, 'records'>): Promise<readonly string[]> {
  return (await records()).map((body) =>
    body.kind === 'decision' ? body.decision : body.kind === 'outcome' ? body.outcome : body.kind,
  )
}

function withClock(clock: Partial<Clock>): Machine {
  const real = machine()
  return { ...real, clock: { ...real.clock, ...clock } }
}

/** Does something around the next commit of an engine, once. */
function aroundNextCommit(
  engine: MemoryEngine,
  around: (go: () => Promise<CommitResult>) => Promise<CommitResult>,
): void {
  const commit = engine.commit.bind(engine)
  let isNext = true
  engine.commit = (wanted) => {
    if (!isNext) return commit(wanted)
    isNext = false
    return around(() => commit(wanted))
  }
}

async function fence(home: string): Promise<CapFence & { readonly db: string }> {
  const db = join(home, 'trail.db')
  return { ...(await openCapFence({ policy: POLICY, db, machine: homeIn(home) })), db }
}

function edit(db: string, sql: string): void {
  const database = new DatabaseSync(db)
  database.exec(sql)
  database.close()
}

test('hundreds-of-parallel-and-nested-calls-of-one-identity-run-one-tool', async () => {
  const opened = await gate()
  const again = read({ id: 'one' })
  let ran = 0
  const tool = async (): Promise<void> => {
    ran += 1
    // A tool that an agent talks into calling itself.
    expect(await refusalOf(opened.runtime.run(again, tool))).toBe('already_executed')
  }
  const runs = Array.from({ length: 200 }, () => refusalOf(opened.runtime.run(again, tool)))
  const executes = Array.from({ length: 200 }, async () => (await opened.runtime.execute(again)).reason.code)
  const answers = await Promise.all([...runs, ...executes])
  expect(ran).toBe(1)
  expect(answers.filter((answer) => answer === 'ran')).toHaveLength(1)
  expect(answers.filter((answer) => answer === 'already_executed')).toHaveLength(399)
})

test('an-execute-and-a-run-of-one-identity-are-never-both-allowed', async () => {
  const opened = await gate()
  for (let round = 0; round < 20; round++) {
    const call = read({ id: `both-${String(round)}` })
    let ran = 0
    const [verdict] = await Promise.all([
      opened.runtime.execute(call),
      refusalOf(
        opened.runtime.run(call, () => {
          ran += 1
        }),
      ),
    ])
    expect(ran + (verdict.authorized ? 1 : 0)).toBe(1)
  }
})

test('an-abort-while-the-commit-is-on-its-way-starts-nothing-and-is-recorded', async () => {
  const engine = new MemoryEngine()
  const opened = await gate({ engine })
  const call = read({ id: 'aborted' })
  const controller = new AbortController()
  aroundNextCommit(engine, async (go) => {
    const done = await go()
    controller.abort()
    return done
  })
  const run = opened.runtime.run(call, () => expect.unreachable(), { signal: controller.signal })
  expect(await refusalOf(run)).toBe('cancelled')
  expect(await story(opened)).toEqual(['opened', 'allow', 'not_executed'])
  // Known never to have run, so it may.
  expect(await opened.runtime.run(call, () => 'ran')).toBe('ran')
})

test('a-commit-that-lands-after-its-deadline-starts-nothing-and-is-taken-back', async () => {
  const engine = new MemoryEngine()
  const opened = await gate({ engine, deadlineMs: 60 })
  const call = read({ id: 'late' })
  await opened.runtime.execute(read())
  aroundNextCommit(engine, async (go) => {
    await pause(120)
    return go()
  })
  expect(await refusalOf(opened.runtime.run(call, () => expect.unreachable()))).toBe('deadline')
  await pause(90)
  expect(await refusalOf(opened.runtime.run(call, () => expect.unreachable()))).toBe('already_executed')
  await expect.poll(() => story(opened)).toContain('not_executed')
  expect(await opened.runtime.run(call, () => 'ran')).toBe('ran')
})

test('a-commit-that-lands-but-answers-with-an-error-is-decided-once', async () => {
  const engine = new MemoryEngine()
  const opened = await gate({ engine })
  let ran = 0
  const tool = (): void => {
    ran += 1
  }
  aroundNextCommit(engine, async (go) => {
    await go()
    throw new Error('the connection broke')
  })
  expect(await refusalOf(opened.runtime.run(read({ id: 'broken' }), tool))).toBe('ran')
  expect(await refusalOf(opened.runtime.run(read({ id: 'broken' }), tool))).toBe('already_executed')
  expect(ran).toBe(1)
})

test('a-signer-that-answers-too-late-lets-nothing-run', async () => {
  const real = ed25519Signer('test', new Uint8Array(32).fill(7))
  let delayMs = 120
  const signer = {
    vkey: real.vkey,
    keyId: real.keyId,
    sign: async (message: Uint8Array) => {
      await pause(delayMs)
      return real.sign(message)
    },
  }
  const opened = await gate({ signer, deadlineMs: 50 })
  const code = await refusalOf(opened.runtime.run(read({ id: 'slow' }), () => expect.unreachable()))
  expect(['deadline', 'fault_signer']).toContain(code)
  delayMs = 0
  await pause(150)
  expect(await opened.runtime.run(read({ id: 'slow' }), () => 'ran')).toBe('ran')
  expect(await story(opened)).toEqual(['opened', 'allow', 'succeeded'])
})

test('a-clock-that-tells-no-time-lets-nothing-run', async () => {
  const noWall = await gate({ machine: withClock({ now: () => Number.NaN }) })
  expect(await refusalOf(noWall.runtime.run(read(), () => expect.unreachable()))).toMatch(/^fault_/)
  const noMonotonic = await gate({ machine: withClock({ monotonic: () => Number.NaN }) })
  expect(await refusalOf(noMonotonic.runtime.run(read(), () => expect.unreachable()))).toBe('deadline')
})

test('a-clock-that-jumps-by-hours-makes-no-second-run', async () => {
  for (const jumpMs of [7_200_000, -7_200_000]) {
    let offset = 0
    const ports = withClock({ now: () => Date.now() + offset })
    const engine = new MemoryEngine({ machine: ports })
    const here = await gate({ engine, machine: ports })
    const there = await gate({ engine: engine.share(), machine: ports })
    const call = read({ id: 'jump' })
    await here.runtime.execute(read())
    aroundNextCommit(engine, async (go) => {
      const done = await go()
      offset = jumpMs
      // The other writer takes the lease for dead, where time went forward.
      await there.runtime.execute(read())
      await pause(10)
      return done
    })
    let ran = 0
    const tool = (): void => {
      ran += 1
    }
    await refusalOf(here.runtime.run(call, tool))
    expect(await refusalOf(there.runtime.run(call, tool))).toMatch(/^(ran|already_executed|outcome_unknown)$/)
    expect(ran).toBeLessThanOrEqual(1)
  }
})

test('an-engine-that-is-closed-under-the-runtime-lets-nothing-run', async () => {
  const engine = new MemoryEngine()
  const opened = await gate({ engine })
  await opened.runtime.execute(read())
  await engine.close()
  expect(await refusalOf(opened.runtime.run(read(), () => expect.unreachable()))).toBe('fault_engine')
  await opened.runtime.close()
  await opened.runtime.close()
  expect((await opened.runtime.execute(read())).authorized).toBe(false)
})

test('an-error-that-cannot-be-looked-at-still-leaves-an-outcome', async () => {
  const opened = await gate()
  const trap = (): never => {
    throw new Error('trap')
  }
  const hostile: unknown = new Proxy(new Error('hidden'), { get: trap, getPrototypeOf: trap, has: trap })
  const run = opened.runtime.run(read(), () => Promise.reject(hostile as Error))
  // Nothing may look at it, not even an assertion.
  const isRejected = await run.then(
    () => false,
    () => true,
  )
  expect(isRejected).toBe(true)
  expect(await story(opened)).toEqual(['opened', 'allow', 'failed'])
})

test('what-only-looks-like-an-event-is-denied-and-never-thrown', async () => {
  const opened = await gate()
  const trap = (): never => {
    throw new RangeError('trap')
  }
  const hostile: readonly unknown[] = [
    null,
    undefined,
    1,
    'call',
    [],
    () => 1,
    new Proxy({}, { ownKeys: trap }),
    new Proxy({}, { getPrototypeOf: trap }),
    { ...read(), args: new Proxy({}, { ownKeys: trap }) },
    { ...read(), args: { a: new Proxy({ b: 1 }, { getOwnPropertyDescriptor: trap }) } },
    Object.create(read()),
    { ...read(), args: nested(80) },
    { ...read(), id: { toString: () => 'x' } },
  ]
  for (const asked of hostile) {
    const call = asked as ActionEventInit // a lie: that is the attack
    expect((await opened.runtime.execute(call)).reason.code).toBe('invalid_event')
    expect((await opened.runtime.preview(call)).decision).toBe('deny')
    expect(await refusalOf(opened.runtime.run(call, () => expect.unreachable()))).toBe('invalid_event')
  }
})

test('arguments-of-a-mebibyte-are-judged-without-a-long-freeze', async () => {
  const opened = await gate()
  const arguments_: readonly unknown[] = [
    { file: 'x'.repeat(1_040_000) },
    { file: '"'.repeat(500_000) },
    { file: '\u0001'.repeat(170_000) },
    { command: ' A'.repeat(500_000) },
    { command: 'a\u0301\u0316'.repeat(100_000) },
    { command: 'x'.repeat(30_000_000) },
  ]
  for (const args of arguments_) {
    const startedAt = performance.now()
    await opened.runtime.execute(wipe({ args }))
    // Some 30 ms on a quiet machine; quadratic work would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  }
})

test('odd-names-and-values-of-arguments-poison-no-commit-and-verify', async () => {
  const at = await fence(scratchFolder())
  const names = ['', '\0', '\u0001', '\u{10FFFF}', '\u{10FFFF}\u0001', '\uE000', '\uFFFF', '\u{10000}', '/', '~', '~1']
  const more = ['"', '\\', '\\u0000', '#digest', '__proto__', 'constructor', '\n', '\u202E', '\0'.repeat(3_000)]
  const all = [...names, ...more]
  const together = Object.fromEntries(all.map((name) => [name, name]))
  const calls = [...all.map((name) => ({ [name]: [name, { [name]: 1e21 }, -0, 5e-324] })), together]
  const many = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`\0${String(index)}`, index]))
  const verdicts = await Promise.all([...calls, many].map((args) => at.runtime.execute(read({ args }))))
  expect(new Set(verdicts.map(({ reason }) => reason.code))).toEqual(new Set(['policy_allow']))
  expect(await at.trail.verify()).toMatchObject({ exitCode: 0, status: 'authentic' })
  await at.close()
})

test('context-at-its-largest-does-not-take-its-batch-down', async () => {
  const opened = await gate()
  const long = '語'.repeat(1_024)
  const largest = read({
    actorChain: Array.from({ length: 64 }, () => long),
    id: long,
    session: long,
    tenant: long,
    userRole: long,
    tool: long,
    at: Number.MAX_SAFE_INTEGER,
  })
  const verdicts = await Promise.all([opened.runtime.execute(largest), opened.runtime.execute(read())])
  expect(verdicts.map(({ reason }) => reason.code)).toEqual(['policy_allow', 'policy_allow'])
})

test('edited-call-states-turn-no-denial-into-an-allow', async () => {
  const at = await fence(scratchFolder())
  const denied = wipe({ id: 'denied' })
  expect((await at.runtime.execute(denied)).authorized).toBe(false)
  for (const status of ['reopened', 'asked', 'denied']) {
    edit(at.db, `UPDATE state SET value = json_set(value, '$.status', '${status}') WHERE key LIKE 'call/%'`)
    expect((await at.runtime.execute(denied)).reason.code).toBe('policy_deny')
  }
  edit(at.db, `UPDATE state SET value = json_set(value, '$.status', 'allowed') WHERE key LIKE 'call/%'`)
  expect((await at.runtime.execute(denied)).reason.code).toBe('fault_approval')
  await at.close()
})

test('damaged-state-denies-the-call-it-belongs-to-and-no-other', async () => {
  const at = await fence(scratchFolder())
  const call = read({ id: 'damaged' })
  await at.runtime.execute(call)
  const values = ['', 'null', '[]', '{}', '{"v":2}', '{"v":1,"digest":7,"status":"asked"}', '{"v":1,']
  for (const [index, value] of values.entries()) {
    edit(at.db, `UPDATE state SET value = '${value}' WHERE key LIKE 'call/%'`)
    const [damaged, honest] = await Promise.all([
      at.runtime.execute(call),
      at.runtime.execute(pay(1, { id: `honest-${String(index)}` })),
    ])
    expect(damaged.authorized).toBe(false)
    expect(honest.authorized).toBe(true)
  }
  await at.close()
})

test('a-question-is-not-answered-by-editing-its-row', async () => {
  const at = await fence(scratchFolder())
  const big = pay(5_000, { id: 'big' })
  await at.runtime.execute(big)
  for (const member of ['approved', 'status', 'grant', 'quorum']) {
    edit(at.db, `UPDATE state SET value = json_set(value, '$.${member}', 'approved') WHERE key LIKE 'request/%'`)
    expect((await at.runtime.execute(big)).authorized).toBe(false)
  }
  edit(at.db, `DELETE FROM state WHERE key LIKE 'request/%' OR key LIKE 'backlog/%' OR key LIKE 'call/%'`)
  expect(await at.runtime.execute(big)).toMatchObject({ authorized: false, reason: { code: 'policy_ask' } })
  await at.close()
})

test('a-broken-lease-row-of-another-writer-stops-no-call', async () => {
  const at = await fence(scratchFolder())
  await at.runtime.execute(read())
  await at.close()
  edit(at.db, `INSERT INTO state VALUES ('lease/x', 'nonsense', 1), ('lease/y', '{"v":1,"at":"now"}', 2)`)
  const again = await fence(join(at.db, '..'))
  expect(await refusalOf(again.runtime.run(read(), () => 'text'))).toBe('ran')
  await again.close()
})

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) }
}
