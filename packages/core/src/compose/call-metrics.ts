import type * as OpenTelemetry from '@opentelemetry/api'
import type { Clock } from '../kernel/ports.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import { SCOPE } from './call-spans.ts'

/** Counts decisions and outcomes, and how long decisions take. Attributes are of closed sets: codes, never names. */
export function callMetrics(api: typeof OpenTelemetry, clock: Pick<Clock, 'monotonic'>): Telemetry {
  const instruments = instrumentsOf(api)
  return {
    begin: ({ startedAt }) => ({
      decided: ({ decision, reason }) => {
        const seconds = (clock.monotonic() - startedAt) / 1_000
        const { decisions, durations } = instruments()
        decisions.add(1, { 'capfence.decision': decision, 'capfence.code': reason.code })
        if (seconds >= 0) durations.record(seconds, { 'capfence.decision': decision })
      },
      within: (work) => work(),
      ended: ({ outcome }) => {
        instruments().outcomes.add(1, { 'capfence.outcome': outcome })
      },
      end: () => undefined,
    }),
    reported: (outcome) => {
      instruments().outcomes.add(1, { 'capfence.outcome': outcome })
    },
  }
}

interface Instruments {
  readonly provider: OpenTelemetry.MeterProvider
  readonly decisions: OpenTelemetry.Counter
  readonly outcomes: OpenTelemetry.Counter
  readonly durations: OpenTelemetry.Histogram
}

// Unlike a tracer, an instrument that was made before a provider is registered stays deaf for ever.
function instrumentsOf(api: typeof OpenTelemetry): () => Instruments {
  let known: Instruments | undefined
  return () => {
    const provider = api.metrics.getMeterProvider()
    if (known?.provider !== provider) known = madeBy(provider)
    return known
  }
}

// A decision takes from a fraction of a millisecond to the callers' deadline.
const BOUNDARIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

function madeBy(provider: OpenTelemetry.MeterProvider): Instruments {
  const meter = provider.getMeter(SCOPE)
  return {
    provider,
    decisions: meter.createCounter('capfence.decisions', {
      unit: '{decision}',
      description: 'Verdicts that were given',
    }),
    outcomes: meter.createCounter('capfence.outcomes', {
      unit: '{outcome}',
      description: 'What became of allowed actions',
    }),
    durations: meter.createHistogram('capfence.decision.duration', {
      unit: 's',
      description: 'From the call to its durable verdict',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
  }
}
