import {
  type Context,
  type ContextManager,
  ROOT_CONTEXT,
  type Tracer,
  type TracerProvider,
  context,
  metrics,
  trace,
} from '@opentelemetry/api'
import { SimpleSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { expect, onTestFinished, test } from 'vitest'
import type { RuntimeFault } from '../../src/runtime/parts.ts'
import { type TelemetryLoader, sturdyTelemetry } from '../../src/runtime/telemetry.ts'
import { type Gate, gate, read, wipe } from '../runtime/gate.ts'
import { startSdk, stopSdk } from './telemetry-sdk.ts'

const CANARY = 'c4n4ry'

async function faultyGate(): Promise<Gate & { readonly faults: readonly RuntimeFault[] }> {
  const faults: RuntimeFault[] = []
  const opened = await gate({ onFault: (fault) => faults.push(fault) })
  await opened.runtime.ready()
  return { ...opened, faults }
}

/** All that a gate is asked for goes as it would without telemetry, and the host is told once where `told`. */
async function standsUp(
  { runtime, records, faults }: Awaited<ReturnType<typeof faultyGate>>,
  told: readonly string[] = ['telemetry'],
): Promise<void> {
  let ran = 0
  const tool = (): number => (ran += 1)
  expect(await runtime.run(read(), tool)).toBe(1)
  expect(await runtime.run(read(), tool)).toBe(2)
  const failing = runtime.run(read(), () => Promise.reject(new RangeError('own')))
  await expect(failing).rejects.toThrow(RangeError)
  const denied = runtime.run(wipe(), () => expect.unreachable())
  await expect(denied).rejects.toMatchObject({ verdict: { reason: { code: 'policy_deny' } } })
  const verdict = await runtime.execute(read())
  expect(verdict.decision).toBe('allow')
  await runtime.report(verdict, 'succeeded')
  expect(ran).toBe(2)
  const said = (await records()).flatMap((body) =>
    body.kind === 'decision' ? [body.decision] : body.kind === 'outcome' ? [body.outcome] : [],
  )
  // prettier-ignore
  expect(said).toEqual(['allow', 'succeeded', 'allow', 'succeeded', 'allow', 'failed', 'deny', 'allow', 'succeeded'])
  expect(faults.map(({ step }) => step)).toEqual(told)
}

const boom = (): never => {
  throw new Error('telemetry broke')
}

const quiet = {
  onStart: (): void => undefined,
  onEnd: (): void => undefined,
  forceFlush: (): Promise<void> => Promise.resolve(),
  shutdown: (): Promise<void> => Promise.resolve(),
}

const PROCESSORS: Readonly<Record<string, SpanProcessor>> = {
  onStart: { ...quiet, onStart: boom },
  onEnding: { ...quiet, onEnding: boom },
  onEnd: { ...quiet, onEnd: boom },
}

test.each(Object.keys(PROCESSORS))('a-span-processor-that-throws-changes-nothing: %s', async (which) => {
  startSdk([PROCESSORS[which] ?? quiet])
  await standsUp(await faultyGate())
})

test('an-exporter-that-throws-changes-nothing', async () => {
  const exporter: SpanExporter = { export: boom, shutdown: quiet.shutdown }
  startSdk([new SimpleSpanProcessor({ exporter })])
  await standsUp(await faultyGate(), []) // the SDK keeps it to itself
})

const CONTEXTS: Readonly<Record<string, (work: () => unknown) => unknown>> = {
  'throws before': boom,
  'throws after': (work) => {
    work()
    return boom()
  },
  'never calls': () => undefined,
  'calls twice': (work) => [work(), work()],
  'calls later as well': (work) => {
    setImmediate(work)
    return boom()
  },
  'gives another result': (work) => {
    work()
    return Promise.resolve({ kind: 'returned', value: 'forged', facts: { outcome: 'succeeded' } })
  },
}

test.each(Object.keys(CONTEXTS))('a-context-manager-runs-no-tool-twice-and-skips-none: %s', async (which) => {
  startSdk()
  context.disable()
  const manager: ContextManager = {
    active: () => ROOT_CONTEXT,
    with: ((_context: Context, work: () => unknown) => CONTEXTS[which]?.(work)) as ContextManager['with'],
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager)
  const { runtime, records } = await faultyGate()
  let ran = 0
  expect(await runtime.run(read(), () => (ran += 1))).toBe(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(ran).toBe(1)
  expect((await records()).at(-1)).toMatchObject({ kind: 'outcome', outcome: 'succeeded' })
})

test('a-context-manager-that-knows-no-context-changes-nothing', async () => {
  startSdk()
  context.disable()
  const manager: ContextManager = {
    active: boom,
    with: boom,
    bind: boom,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager)
  await standsUp(await faultyGate())
})

test.each([
  ['throws', boom],
  ['gives nothing', (): undefined => undefined],
  ['gives what is no span', (): object => ({})],
  ['gives what throws at any touch', (): object => new Proxy({}, { get: boom, set: boom, has: boom })],
])('a-tracer-that-%s-changes-nothing', async (_how, startSpan) => {
  stopSdk()
  onTestFinished(stopSdk)
  const tracer = { startSpan, startActiveSpan: boom } as unknown as Tracer
  const provider: TracerProvider = { getTracer: () => tracer }
  trace.setGlobalTracerProvider(provider)
  await standsUp(await faultyGate())
})

test('a-meter-that-throws-changes-nothing-and-leaves-the-spans', async () => {
  const sdk = startSdk()
  metrics.disable()
  metrics.setGlobalMeterProvider({ getMeter: boom })
  await standsUp(await faultyGate())
  expect(sdk.spans()).toHaveLength(5)
})

test('spans-that-throw-leave-the-counters', async () => {
  const sdk = startSdk([{ ...quiet, onStart: boom }])
  await standsUp(await faultyGate())
  expect((await sdk.counted('capfence.decisions')).map(([, count]) => count)).toEqual([4, 1])
})

test('what-cannot-be-read-is-reported-all-the-same', async () => {
  const hostile = Object.defineProperty(new Error('x'), 'message', { get: boom })
  const faults: string[] = []
  const load: TelemetryLoader = () => Promise.reject(hostile)
  const telemetry = sturdyTelemetry(load, (message) => faults.push(message))
  await telemetry.ready
  expect(faults).toEqual([expect.stringContaining('cannot be read')])
  telemetry.begin({ kind: 'run', eventId: 'x', context: undefined, startedAt: 0 }).end()
})

test('arguments-results-and-messages-never-leave', async () => {
  const sdk = startSdk()
  const { runtime } = await faultyGate()
  const args = { file: CANARY, [CANARY]: [CANARY, { deep: CANARY }] }
  const tool = { tool: 'reader', args }
  await runtime.run(read(tool), () => ({ text: CANARY }))
  await runtime.run(read(tool), () => CANARY)
  await runtime.run(read(tool), () => Promise.reject(new Error(CANARY, { cause: CANARY }))).catch(() => undefined)
  await runtime.run(read(tool), () => Promise.reject(CANARY as unknown as Error)).catch(() => undefined)
  const named = Object.assign(new Error('x'), { name: `${CANARY} with blanks` })
  await runtime.run(read(tool), () => Promise.reject(named)).catch(() => undefined)
  const slow = runtime.run(read(tool), () => new Promise(() => undefined), { timeoutMs: 5 })
  await slow.catch(() => undefined)
  await runtime.run(wipe(tool), () => expect.unreachable()).catch(() => undefined)
  await runtime.execute(wipe(tool))
  await runtime.execute({ ...read(tool), risk: CANARY as 'low' })
  await runtime.execute({ ...read(tool), actor: `${CANARY}\u200b` })
  expect(sdk.spans()).toHaveLength(10)
  expect(await sdk.counted('capfence.decisions')).not.toEqual([])
  expect(await sdk.exported()).not.toContain(CANARY)
})

test('names-that-an-agent-chose-are-bounded-and-readable', async () => {
  const sdk = startSdk()
  const { runtime } = await faultyGate()
  const names = ['x'.repeat(10_240), 'x'.repeat(1_024), `${'x'.repeat(126)}${'😀'.repeat(400)}`]
  names.push('a\u2028b', 'a\u202eb', 'a\u0000b', '\ud800', 'a\ue000b', '\u{e0041}')
  for (const tool of names) await runtime.execute(read({ tool, actor: `a${tool}`, id: `i${tool}` }))
  for (const tool of names) await runtime.run(read({ tool }), () => 'ran').catch(() => undefined)
  expect(sdk.spans()).toHaveLength(names.length * 2)
  for (const { name, attributes } of sdk.spans()) {
    for (const text of [name.replace('execute_tool ', ''), ...Object.values(attributes)]) {
      if (typeof text !== 'string') continue
      expect(text.length).toBeLessThanOrEqual(128)
      expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u)
    }
  }
})
