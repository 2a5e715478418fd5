import type { Clock } from '../kernel/ports.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import { callMetrics } from './call-metrics.ts'
import { callSpans } from './call-spans.ts'

/** Spans and metrics over the application's own `@opentelemetry/api`; none where it has none. */
export async function openTelemetry(clock: Clock): Promise<readonly Telemetry[]> {
  try {
    const api = await import('@opentelemetry/api')
    return [callMetrics(api, clock), callSpans(api, clock)]
  } catch (cause) {
    if (isAbsent(cause)) return []
    throw cause
  }
}

// The second is what bundlers say.
function isAbsent(cause: unknown): boolean {
  if (!(cause instanceof Error) || !('code' in cause)) return false
  return cause.code === 'ERR_MODULE_NOT_FOUND' || cause.code === 'MODULE_NOT_FOUND'
}
