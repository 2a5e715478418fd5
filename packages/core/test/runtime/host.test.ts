import { expect, test } from 'vitest'
import { guard } from '../../src/compose/guard.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import { gate, read } from './gate.ts'

// What a careless host may do to a runtime.
const CALL = { adapter: 'test', actor: 'agent', environment: 'production', risk: 'medium', args: {} } as const

test('a-fault-callback-that-throws-neither-ends-the-process-nor-passes-for-the-tools-error', async () => {
  const engine = new MemoryEngine()
  const commit = engine.commit.bind(engine)
  let commits = 0
  engine.commit = (wanted) =>
    ++commits === 2 ? Promise.reject(new CapFenceError('ENGINE_FAILED', 'broken')) : commit(wanted)
  const opened = await gate({
    engine,
    onFault: () => {
      throw new Error('the host is broken too')
    },
  })
  expect(await opened.runtime.run(read(), () => 'result')).toBe('result')
})

test('options-that-protect-nothing-are-refused-at-once', async () => {
  for (const deadlineMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
    await expect(gate({ deadlineMs })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  }
  const leaseTimes = { renewAfterMs: 10, startWithinMs: 1_000_000, deadAfterMs: 20 }
  await expect(gate({ leaseTimes })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  const { runtime, records } = await gate()
  for (const timeoutMs of [0, Number.POSITIVE_INFINITY, 2 ** 31]) {
    await expect(runtime.run(read(), () => expect.unreachable(), { timeoutMs })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  }
  const signal = { aborted: false } as AbortSignal // a look-alike, as an old polyfill makes it
  await expect(runtime.run(read(), () => expect.unreachable(), { signal })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  })
  expect(await records()).toEqual([])
})

test('closing-waits-for-calls-under-way-and-takes-no-new-ones', async () => {
  const opened = await gate()
  let ended = false
  const run = opened.runtime.run(read(), async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    ended = true
  })
  const closed = opened.runtime.close() // while the decision is still on its way
  const late = opened.runtime.run(read(), () => expect.unreachable())
  await expect(late).rejects.toMatchObject({ code: 'CALL_REFUSED' })
  await closed
  expect(ended).toBe(true)
  await run
  expect((await opened.records()).filter((body) => body.kind === 'outcome')).toMatchObject([{ outcome: 'succeeded' }])
  await opened.runtime.close()
})

test('lost-commits-are-looked-up-by-place-however-many-there-were', async () => {
  const engine = new MemoryEngine()
  const [commit, records] = [engine.commit.bind(engine), engine.records.bind(engine)]
  let isBroken = true
  let reads = 0
  engine.commit = (wanted) => (isBroken ? Promise.reject(new Error('disk')) : commit(wanted))
  engine.records = (page) => {
    reads += 1
    return records(page)
  }
  const { runtime } = await gate({ engine, onFault: () => undefined })
  for (let call = 0; call < 200; call++) {
    expect((await runtime.execute(read())).reason.code).toBe('fault_engine')
  }
  isBroken = false
  reads = 0
  expect((await runtime.execute(read())).authorized).toBe(true)
  expect((await runtime.execute(read())).authorized).toBe(true)
  expect(reads).toBeLessThan(10)
})

test('a-call-that-cannot-be-an-event-is-refused-on-the-record-by-guard-too', async () => {
  const { runtime, records } = await gate()
  const odd = [
    { ...CALL, tool: 'echo', run: 'r', callId: '\ud800' },
    { ...CALL, tool: 7 as unknown as string },
    { ...CALL, tool: '\u0000' },
    { ...CALL, tool: 'echo', args: 1n },
  ]
  for (const call of odd) {
    const refused = guard(runtime, call, () => expect.unreachable())
    await expect(refused).rejects.toMatchObject({ verdict: { reason: { code: 'invalid_event' } } })
  }
  expect((await records()).filter((body) => body.kind === 'decision')).toHaveLength(odd.length)
})
