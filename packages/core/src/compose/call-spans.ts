import type * as OpenTelemetry from '@opentelemetry/api'
import type { DenyCode, Verdict } from '../action/verdict.ts'
import type { Clock } from '../kernel/ports.ts'
import type { OutcomeFacts } from '../runtime/outcome.ts'
import type { CallWatch, Telemetry, WatchedCall } from '../runtime/telemetry.ts'

/** The name under which OpenTelemetry knows what this package reports. */
export const SCOPE = '@capfence/core'

/** A span for each call: `execute_tool` around a tool that runs, `capfence.decide` where only the verdict is given. */
export function callSpans(api: typeof OpenTelemetry, clock: Pick<Clock, 'monotonic'>): Telemetry {
  const tracer = api.trace.getTracer(SCOPE)
  return {
    begin: (call) => {
      const parent = api.context.active()
      const span = tracer.startSpan(nameOf(call), { attributes: contextAttributes(call) }, parent)
      return callSpan({ api, clock, parent, span }, call)
    },
    reported: () => undefined,
  }
}

interface Begun {
  readonly api: typeof OpenTelemetry
  readonly clock: Pick<Clock, 'monotonic'>
  readonly parent: OpenTelemetry.Context
  readonly span: OpenTelemetry.Span
}

function callSpan({ api, clock, parent, span }: Begun, { startedAt }: WatchedCall): CallWatch {
  const fail = (type: string): void => {
    span.setAttribute('error.type', type)
    span.setStatus({ code: api.SpanStatusCode.ERROR })
  }
  return {
    decided: (verdict) => {
      if (!span.isRecording()) return
      span.setAttributes(verdictAttributes(verdict))
      span.addEvent('capfence.decided', { 'capfence.decision.duration': (clock.monotonic() - startedAt) / 1_000 })
      if (verdict.decision === 'deny' && IS_FAULT[verdict.reason.code]) fail(verdict.reason.code)
    },
    within: (work) => api.context.with(api.trace.setSpan(parent, span), work),
    ended: (facts) => {
      if (!span.isRecording()) return
      span.setAttribute('capfence.outcome', facts.outcome)
      const error = errorType(facts)
      if (error !== undefined) fail(error)
    },
    end: () => {
      span.end()
    },
  }
}

// OpenTelemetry semantic conventions, gen_ai, "execute tool".
function nameOf({ kind, context }: WatchedCall): string {
  if (kind === 'execute') return 'capfence.decide'
  return context?.tool === undefined ? 'execute_tool' : `execute_tool ${shown(context.tool)}`
}

function contextAttributes({ kind, eventId, context }: WatchedCall): OpenTelemetry.Attributes {
  const attributes: OpenTelemetry.Attributes = { 'gen_ai.tool.call.id': shown(eventId) }
  if (kind === 'run') attributes['gen_ai.operation.name'] = 'execute_tool'
  if (context === undefined) return attributes
  attributes['gen_ai.agent.id'] = shown(context.actor)
  if (context.tool !== undefined) attributes['gen_ai.tool.name'] = shown(context.tool)
  attributes['capfence.capability'] = shown(context.capability)
  attributes['capfence.environment'] = shown(context.environment)
  return attributes
}

function verdictAttributes({ decision, reason, record }: Verdict): OpenTelemetry.Attributes {
  const attributes: OpenTelemetry.Attributes = { 'capfence.decision': decision, 'capfence.code': reason.code }
  if (reason.rule !== null) attributes['capfence.rule'] = shown(reason.rule)
  if (record === null) return attributes
  attributes['capfence.record.chain'] = shown(record.chain)
  attributes['capfence.record.seq'] = record.seq
  return attributes
}

// Classes and codes: an error's message may hold arguments, results or secrets.
function errorType({ outcome, error, by }: OutcomeFacts): string | undefined {
  if (outcome === 'failed') return error ?? '_OTHER'
  if (outcome === 'timed_out') return 'timeout'
  return outcome === 'not_executed' && by === 'lease' ? 'deadline' : undefined
}

/** The denials that say that the gate could not decide; all others are answers. */
const IS_FAULT = {
  policy_deny: false,
  policy_deny_unknown: false,
  policy_default: false,
  limit_exhausted: false,
  approval_rejected: false,
  approval_backlog: false,
  suspended: false,
  tripwire: false,
  invalid_event: false,
  id_reuse: false,
  already_executed: false,
  outcome_unknown: false,
  cancelled: false,
  clock_fault: true,
  contention: true,
  audit_backpressure: true,
  audit_rollback: true,
  deadline: true,
  fault_policy: true,
  fault_approval: true,
  fault_audit: true,
  fault_engine: true,
  fault_clock: true,
  fault_signer: true,
} as const satisfies Record<DenyCode, boolean>

const MAX_SHOWN = 128

// An agent may choose a tool's name: no more of it than a label needs, and nothing that a label could not show.
function shown(text: string): string {
  if (text.length <= MAX_SHOWN && /^[\w.:/-]*$/.test(text)) return text
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text
  return cut.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}
