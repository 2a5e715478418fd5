import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { expect, onTestFinished, test, vi } from 'vitest'
import { guard } from '../../src/compose/guard.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { MemoryEngine } from '../../src/engine/memory/index.ts'
import { CapFenceError } from '../../src/kernel/errors.ts'
import { machine } from '../../src/kernel/ports.ts'
import { type Gate, POLICY, gate, pay, read, wipe } from '../runtime/gate.ts'
import { start } from '../support/many.ts'
import { scratchFolder } from '../support/scratch.ts'
import { contentOf, msOf, startSdk } from './telemetry-sdk.ts'

async function readyGate(options: Parameters<typeof gate>[0] = {}): Promise<Gate> {
  const opened = await gate(options)
  await opened.runtime.ready()
  return opened
}

const refused = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable(),
    (cause: unknown) => cause,
  )

const UNSET = { code: SpanStatusCode.UNSET }

test('a-run-is-a-span-that-says-what-was-decided-and-how-it-ended', async () => {
  const sdk = startSdk()
  const { runtime, records } = await readyGate()
  expect(await runtime.run(read({ id: 'call-1', tool: 'read_file' }), () => 'text')).toBe('text')
  const [span] = sdk.spans()
  if (span === undefined) return expect.unreachable()
  const [, decision] = await records()
  expect(contentOf(span)).toMatchObject({
    name: 'execute_tool read_file',
    kind: SpanKind.INTERNAL,
    status: UNSET,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'read_file',
      'gen_ai.tool.call.id': 'call-1',
      'gen_ai.agent.id': 'agent',
      'capfence.decision': 'allow',
      'capfence.code': 'policy_allow',
      'capfence.rule': expect.any(String) as string,
      'capfence.capability': 'filesystem.read.workspace',
      'capfence.environment': 'production',
      'capfence.record.chain': 'main',
      'capfence.record.seq': decision?.seq,
      'capfence.outcome': 'succeeded',
    },
    events: [{ name: 'capfence.decided', attributes: { 'capfence.decision.duration': expect.any(Number) as number } }],
  })
  expect(Object.keys(span.attributes)).toHaveLength(12)
  expect(span.instrumentationScope.name).toBe('@capfence/core')
  expect(sdk.spans()).toHaveLength(1)
})

test('a-denial-and-a-question-are-answers-and-no-errors', async () => {
  const sdk = startSdk()
  const { runtime } = await readyGate()
  await refused(runtime.run(wipe(), () => expect.unreachable()))
  await refused(runtime.run(pay(5_000), () => expect.unreachable()))
  await refused(runtime.run({ ...read(), actor: '' }, () => expect.unreachable()))
  expect(sdk.spans().map(contentOf)).toMatchObject([
    { status: UNSET, attributes: { 'capfence.decision': 'deny', 'capfence.code': 'policy_deny' } },
    { status: UNSET, attributes: { 'capfence.decision': 'require_approval', 'capfence.rule': 'big-payments' } },
    { status: UNSET, name: 'execute_tool', attributes: { 'capfence.code': 'invalid_event' } },
  ])
  for (const { attributes } of sdk.spans()) expect(attributes).not.toHaveProperty('error.type')
  for (const { attributes } of sdk.spans()) expect(attributes).not.toHaveProperty('capfence.outcome')
  expect(await sdk.counted('capfence.outcomes')).toEqual([])
})

test('a-gate-that-cannot-decide-is-an-error', async () => {
  const sdk = startSdk()
  const engine = new MemoryEngine()
  const { runtime } = await readyGate({ engine })
  engine.commit = () => Promise.reject(new CapFenceError('ENGINE_FAILED', 'canary of the engine'))
  await refused(runtime.run(read(), () => expect.unreachable()))
  const verdict = await runtime.execute(read())
  expect(verdict.decision).toBe('deny')
  const status = { code: SpanStatusCode.ERROR }
  const attributes = { 'capfence.decision': 'deny', 'error.type': verdict.reason.code }
  expect(sdk.spans().map(contentOf)).toMatchObject([
    { name: 'execute_tool', status, attributes },
    { name: 'capfence.decide', status, attributes },
  ])
  for (const span of sdk.spans()) expect(span.attributes).not.toHaveProperty('capfence.record.seq')
  expect(await sdk.exported()).not.toContain('canary')
})

test('a-tool-that-fails-or-overruns-is-an-error-of-its-class', async () => {
  const sdk = startSdk()
  const { runtime } = await readyGate()
  const fail = (): never => {
    throw new RangeError('canary of the tool')
  }
  await expect(runtime.run(read(), fail)).rejects.toThrow(RangeError)
  const forever = (): Promise<never> => new Promise(() => undefined)
  await expect(runtime.run(read(), forever, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'TOOL_TIMED_OUT' })
  const status = { code: SpanStatusCode.ERROR }
  expect(sdk.spans().map(contentOf)).toMatchObject([
    { status, attributes: { 'capfence.outcome': 'failed', 'error.type': 'RangeError' } },
    { status, attributes: { 'capfence.outcome': 'timed_out', 'error.type': 'timeout' } },
  ])
  for (const { status: found } of sdk.spans()) expect(found.message).toBeUndefined()
})

test('a-call-that-was-given-up-has-an-outcome-and-no-error', async () => {
  const sdk = startSdk()
  const { runtime } = await readyGate()
  const caller = new AbortController()
  const run = runtime.run(read(), () => expect.unreachable(), { signal: caller.signal })
  caller.abort()
  await refused(run)
  expect(sdk.spans().map(contentOf)).toMatchObject([
    { status: UNSET, attributes: { 'capfence.decision': 'allow', 'capfence.outcome': 'not_executed' } },
  ])
})

test('a-tool-that-was-not-started-in-time-is-an-error', async () => {
  const sdk = startSdk()
  const real = machine()
  let sleptMs = 0
  const engine = new MemoryEngine()
  const commit = engine.commit.bind(engine)
  engine.commit = async (wanted) => {
    const done = await commit(wanted)
    sleptMs = 60_000 // the machine sleeps between the commit and its answer
    return done
  }
  const clock = { ...real.clock, monotonic: () => real.clock.monotonic() + sleptMs }
  const { runtime } = await readyGate({ engine, machine: { ...real, clock }, deadlineMs: 1_000_000 })
  await refused(runtime.run(read(), () => expect.unreachable()))
  expect(sdk.spans().map(contentOf)).toMatchObject([
    {
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'capfence.decision': 'allow', 'capfence.outcome': 'not_executed', 'error.type': 'deadline' },
    },
  ])
})

test('what-a-tool-does-is-a-child-of-its-span', async () => {
  const sdk = startSdk()
  const { runtime } = await readyGate()
  const tracer = trace.getTracer('test')
  const call = { adapter: 'test', actor: 'agent', environment: 'production', risk: 'low', args: {} } as const
  const inner = { ...call, tool: 'inner', capability: 'filesystem.read.workspace' }
  const outer = { ...call, tool: 'outer', capability: 'filesystem.read.workspace' }
  await tracer.startActiveSpan('agent', async (agent) => {
    await guard(runtime, outer, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      tracer.startSpan('query').end()
      await Promise.all([guard(runtime, inner, () => tracer.startSpan('leaf').end()), runtime.execute(wipe())])
    })
    expect(trace.getActiveSpan()).toBe(agent)
    tracer.startSpan('after').end()
    agent.end()
  })
  const idOf = new Map(sdk.spans().map((span) => [span.name, span.spanContext().spanId]))
  const parents = Object.fromEntries(sdk.spans().map((span) => [span.name, span.parentSpanContext?.spanId]))
  expect(parents).toEqual({
    agent: undefined,
    'execute_tool outer': idOf.get('agent'),
    query: idOf.get('execute_tool outer'),
    'execute_tool inner': idOf.get('execute_tool outer'),
    leaf: idOf.get('execute_tool inner'),
    'capfence.decide': idOf.get('execute_tool outer'),
    after: idOf.get('agent'),
  })
})

test('a-span-lasts-from-the-question-to-the-recorded-outcome', async () => {
  const sdk = startSdk()
  const { runtime } = await readyGate()
  await runtime.run(read(), () => new Promise((resolve) => setTimeout(resolve, 20)))
  const [span] = sdk.spans()
  if (span === undefined) return expect.unreachable()
  const [decided] = span.events
  if (decided === undefined) return expect.unreachable()
  expect(msOf(decided.time)).toBeGreaterThanOrEqual(msOf(span.startTime))
  expect(msOf(span.endTime) - msOf(decided.time)).toBeGreaterThan(15)
})

test('decisions-and-outcomes-are-counted-by-code', async () => {
  const sdk = startSdk()
  const { runtime } = await readyGate()
  for (let at = 0; at < 3; at++) await runtime.run(read(), () => 'ran')
  await refused(runtime.run(wipe(), () => expect.unreachable()))
  const verdict = await runtime.execute(read())
  await runtime.report(verdict, 'failed')
  await refused(runtime.report(verdict, 'succeeded'))
  await runtime.preview(read())
  expect(await sdk.counted('capfence.decisions')).toEqual([
    [{ 'capfence.decision': 'allow', 'capfence.code': 'policy_allow' }, 4],
    [{ 'capfence.decision': 'deny', 'capfence.code': 'policy_deny' }, 1],
  ])
  expect(await sdk.counted('capfence.outcomes')).toEqual([
    [{ 'capfence.outcome': 'succeeded' }, 3],
    [{ 'capfence.outcome': 'failed' }, 1],
  ])
  expect(await sdk.counted('capfence.decision.duration')).toEqual([
    [{ 'capfence.decision': 'allow' }, 4],
    [{ 'capfence.decision': 'deny' }, 1],
  ])
})

test('an-sdk-that-is-registered-later-is-told-from-then-on', async () => {
  const { runtime } = await readyGate()
  await runtime.run(read(), () => 'unseen')
  const sdk = startSdk()
  await runtime.run(read({ id: 'seen' }), () => 'seen')
  expect(sdk.spans().map(({ attributes }) => attributes['gen_ai.tool.call.id'])).toEqual(['seen'])
  expect(await sdk.counted('capfence.decisions')).toHaveLength(1)
})

test('the-first-call-of-an-opened-gate-is-traced', async () => {
  const sdk = startSdk()
  const fence = await openCapFence({ policy: POLICY, db: new MemoryEngine() })
  await fence.runtime.run(read(), () => 'ran')
  expect(sdk.spans()).toHaveLength(1)
  await fence.close()
})

test('the-set-up-of-the-guide-exports-spans-and-metrics', async () => {
  const child = new URL('telemetry-setup.ts', import.meta.url).pathname
  const folder = scratchFolder()
  vi.stubEnv('XDG_CONFIG_HOME', folder)
  vi.stubEnv('XDG_STATE_HOME', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  const printed = await start(child, [POLICY]).ended
  expect(printed).toContain('execute_tool read_file')
  expect(printed).toContain('capfence.decision.duration')
})
