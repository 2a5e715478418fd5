import { type Attributes, type HrTime, context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { onTestFinished } from 'vitest'

/** OpenTelemetry's own SDK, registered for this test alone, and what it exports. */
export interface Sdk {
  readonly spans: () => readonly ReadableSpan[]
  /** What was counted under each set of attributes: the sum, or a histogram's count. */
  readonly counted: (name: string) => Promise<readonly (readonly [Attributes, number])[]>
  /** All that ever left the process, as text. */
  readonly exported: () => Promise<string>
}

/** Registers the SDK, with a span processor of the test's before the exporting one. */
export function startSdk(before: readonly SpanProcessor[] = []): Sdk {
  const spans = new InMemorySpanExporter()
  const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 })
  const tracers = new TracerProvider({ spanProcessors: [...before, new SimpleSpanProcessor({ exporter: spans })] })
  const meters = new MeterProvider({ readers: [reader] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(tracers)
  metrics.setGlobalMeterProvider(meters)
  onTestFinished(async () => {
    stopSdk()
    await meters.shutdown()
  })
  const collected = async (): Promise<ReturnType<typeof points.getMetrics>> => {
    points.reset()
    await meters.forceFlush()
    return points.getMetrics()
  }
  return {
    spans: () => spans.getFinishedSpans(),
    counted: async (name) => {
      const scopes = (await collected()).flatMap(({ scopeMetrics }) => scopeMetrics)
      const found = scopes.flatMap((scope) => scope.metrics).filter(({ descriptor }) => descriptor.name === name)
      return found.flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [attributes, countOf(value)] as const),
      )
    },
    exported: async () => JSON.stringify([spans.getFinishedSpans().map(contentOf), await collected()]),
  }
}

/** Unregisters whatever of OpenTelemetry is registered. */
export function stopSdk(): void {
  trace.disable()
  context.disable()
  metrics.disable()
}

/** A span's attributes and events by name, and its status; for comparison. */
export function contentOf(span: ReadableSpan): Record<string, unknown> {
  const { name, kind, attributes, status } = span
  const events = span.events.map((event) => ({ name: event.name, attributes: event.attributes }))
  return { name, kind, attributes, events, status, links: span.links, resource: span.resource.attributes }
}

/** Milliseconds of a time as the SDK keeps it. */
export function msOf([seconds, nanos]: HrTime): number {
  return seconds * 1_000 + nanos / 1e6
}

function countOf(value: unknown): number {
  if (typeof value === 'number') return value
  return (value as { count: number }).count // a histogram's
}
