import { expect, test } from 'vitest'
import { CallRefusedError } from '../../src/action/call-refused-error.ts'
import { guardStream } from '../../src/compose/guard-stream.ts'
import { type GuardedCall, guard } from '../../src/compose/guard.ts'
import { Ungated, refuseUngateable } from '../../src/compose/ungated.ts'
import { alice, approvalGate, onlyRequest, policyText } from '../runtime/approval-gate.ts'

const text = policyText({
  rest: 'tools: { "read*": { capability: filesystem.read.workspace }, pay: { capability: payment.execute.high_value, amount: amount } }\nallow:',
})
const call = (init: Partial<GuardedCall> = {}): GuardedCall => ({
  adapter: 'test',
  tool: 'read',
  actor: 'agent',
  environment: 'production',
  risk: 'low',
  run: 'run-1',
  callId: 'call_0',
  args: { file: 'a' },
  ...init,
})

test('the-same-call-made-again-runs-once-and-gives-the-same-result', async () => {
  const { runtime, records } = await approvalGate({ text })
  let runs = 0
  const tool = async (): Promise<object> => ({ run: ++runs })
  const [first, second] = await Promise.all([guard(runtime, call(), tool), guard(runtime, call(), tool)])
  expect(await guard(runtime, call(), tool)).toBe(first)
  expect(second).toBe(first)
  expect(runs).toBe(1)
  expect((await records()).map(({ kind }) => kind)).toEqual(['opened', 'decision', 'outcome'])
})

test('the-same-id-with-other-args-is-refused-and-two-runs-do-not-meet', async () => {
  const { runtime } = await approvalGate({ text })
  await guard(runtime, call(), () => 1)
  await expect(guard(runtime, call({ args: { file: 'b' } }), () => 2)).rejects.toMatchObject({
    verdict: { reason: { code: 'id_reuse' } },
  })
  expect(await guard(runtime, call({ run: 'run-2' }), () => 3)).toBe(3)
})

test('a-refusal-is-judged-anew-and-a-tools-own-error-is-kept', async () => {
  const opened = await approvalGate({ text })
  const { runtime, approvals } = opened
  const pay = call({ tool: 'pay', args: { amount: 5000 } })
  await expect(guard(runtime, pay, () => 'paid')).rejects.toThrow(CallRefusedError)
  await approvals.approve(await onlyRequest(opened), { by: alice })
  expect(await guard(runtime, pay, () => 'paid')).toBe('paid')
  let runs = 0
  const failing = (): never => {
    runs += 1
    throw new Error('disk')
  }
  for (let time = 0; time < 2; time++) {
    await expect(guard(runtime, call({ callId: 'call_1' }), failing)).rejects.toThrow('disk')
  }
  expect(runs).toBe(1)
})

test('what-a-tool-calls-in-turn-is-called-through-it', async () => {
  const { runtime, records } = await approvalGate({ text })
  const inner = (): Promise<number> => guard(runtime, call({ actor: 'helper', callId: 'inner' }), () => 1)
  const outer = guard(runtime, call({ actor: 'planner', callId: 'outer' }), async () => {
    await Promise.resolve()
    return inner()
  })
  expect(await outer).toBe(1)
  await guard(runtime, call({ callId: 'after' }), () => 2)
  const events = (await records()).flatMap((body) => (body.kind === 'decision' ? [body.event] : []))
  expect(events).toMatchObject([
    { actor: 'planner', caller_depth: 0 },
    { actor: 'helper', caller_depth: 1, actor_chain: ['planner'] },
    { actor: 'agent', caller_depth: 0 },
  ])
})

test('a-stream-starts-when-it-is-allowed-flows-piece-by-piece-and-ends-with-its-outcome', async () => {
  const { runtime, records } = await approvalGate({ text })
  const log: string[] = []
  async function* tool(): AsyncGenerator<number> {
    for (let piece = 0; piece < 3; piece++) {
      log.push(`make ${String(piece)}`)
      yield piece
    }
    await Promise.resolve()
  }
  for await (const piece of guardStream(runtime, call(), tool)) log.push(`take ${String(piece)}`)
  expect(log).toEqual(['make 0', 'take 0', 'make 1', 'take 1', 'make 2', 'take 2'])
  expect((await records()).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'succeeded' })
  const again: number[] = []
  for await (const piece of guardStream(runtime, call(), tool)) again.push(piece)
  expect(again).toEqual([0, 1, 2])
  expect(log).toHaveLength(6)
})

test('a-stream-that-is-refused-starts-nothing-and-one-that-nobody-reads-on-ends', async () => {
  const { runtime, records } = await approvalGate({ text })
  const never = guardStream(runtime, call({ tool: 'unknown' }), () => expect.unreachable())
  await expect(never.next()).rejects.toThrow(CallRefusedError)
  let isClosed = false
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let piece = 0; ; piece++) yield piece
    } finally {
      isClosed = true
      await Promise.resolve()
    }
  }
  for await (const piece of guardStream(runtime, call({ callId: 'b' }), endless)) if (piece === 2) break
  expect(isClosed).toBe(true)
  expect((await records()).at(-1)).toMatchObject({ kind: 'outcome' })
  async function* broken(): AsyncGenerator<number> {
    yield 1
    await Promise.resolve()
    throw new Error('cut')
  }
  const pieces: number[] = []
  const reading = async (): Promise<void> => {
    for await (const piece of guardStream(runtime, call({ callId: 'c' }), broken)) pieces.push(piece)
  }
  await expect(reading()).rejects.toThrow('cut')
  expect(pieces).toEqual([1])
  expect((await records()).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'failed' })
})

test('a-tool-goes-without-a-guard-only-on-the-record', async () => {
  const { runtime, records } = await approvalGate({ text })
  expect(() => refuseUngateable('web_search', 'a provider runs it', undefined)).toThrow(/web_search/)
  const leave = await runtime.leaveUngated({
    adapter: 'test',
    actor: 'agent',
    tools: ['web_search'],
    reason: 'reads only',
  })
  refuseUngateable('web_search', 'a provider runs it', leave)
  expect(() => refuseUngateable('shell', 'a provider runs it', leave)).toThrow(/shell/)
  const fake = { allows: () => true } as unknown as Ungated // a lie: that is the attack
  expect(() => refuseUngateable('shell', 'a provider runs it', fake)).toThrow(/shell/)
  expect(() => new Ungated(['shell'])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  expect((await records()).at(-1)).toMatchObject({ kind: 'ungated', tools: ['web_search'], reason: 'reads only' })
})

test('a-call-with-a-stray-field-is-refused-on-the-record', async () => {
  const { runtime, records } = await approvalGate({ text })
  let runs = 0
  const stray: GuardedCall = Object.assign(call(), { tenent: 'acme' })
  await expect(guard(runtime, stray, () => ++runs)).rejects.toMatchObject({
    verdict: { reason: { code: 'invalid_event' } },
  })
  const smuggled: GuardedCall = Object.assign(call(), { id: 'mine', resource: 'filesystem.workspace', action: 'read' })
  await expect(guard(runtime, smuggled, () => ++runs)).rejects.toBeInstanceOf(CallRefusedError)
  expect(runs).toBe(0)
  expect((await records()).map(({ kind }) => kind)).toEqual(['opened', 'decision', 'decision'])
})

test('a-tool-hears-its-caller-give-up-with-and-without-a-time-limit', async () => {
  const { runtime } = await approvalGate({ text })
  for (const [index, timeoutMs] of [undefined, 60_000].entries()) {
    const caller = new AbortController()
    const heard = guard(
      runtime,
      call({ callId: `call_${String(index)}`, signal: caller.signal, timeoutMs }),
      (_args, { signal }) => {
        caller.abort()
        return signal.aborted
      },
    )
    expect(await heard).toBe(true)
  }
})
