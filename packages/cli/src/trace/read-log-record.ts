import { type Json, type JsonObject, rebuild } from '@capfence/core'
import { type Recorded, type Traced, decisionOf, eventFields, tracedEvent } from './traced.ts'

/** True for a line of `capfence logs --json`: all of these are in each record, and in no event. */
export function isLogRecord(object: JsonObject): boolean {
  const isRecord = ['kind', 'seq', 'chain', 'origin'].every((key) => Object.hasOwn(object, key))
  return isRecord && !Object.hasOwn(object, 'tool') && !Object.hasOwn(object, 'actor')
}

/** The event of a recorded decision, as far as it was kept. Other records hold none. */
export function readLogRecord(record: JsonObject): Traced {
  if (record['kind'] !== 'decision') return { kind: 'nothing' }
  const { event, args } = record
  const recorded = policyDecision(record)
  if (!isObject(event)) return { kind: 'invalid', message: 'the record has no event', recorded }
  if (!Object.hasOwn(event, 'capability')) {
    return { kind: 'invalid', message: 'what was recorded could not become an event', recorded }
  }
  if (!isObject(args) || Object.values(event).some(isObject)) {
    return { kind: 'args_not_kept', message: 'the trail no longer holds all that was judged' }
  }
  // Dates and bytes become themselves again, so that the event is the one that was judged.
  return tracedEvent(() => ({ ...eventFields(event), args: rebuild(args) }), {
    recorded,
    at: timeOf(record),
    letThrough: wasLetThrough(record),
  })
}

/** Codes of what the policy itself decided. */
const OF_POLICY: ReadonlySet<Json | undefined> = new Set([
  'policy_allow',
  'policy_ask',
  'policy_ask_unknown',
  'policy_deny',
  'policy_deny_unknown',
  'policy_default',
  'limit_exhausted',
  'invalid_event',
])
/** Codes of what became of a question that the policy had asked. */
const OF_QUESTION: ReadonlySet<Json | undefined> = new Set(['approved', 'approval_rejected', 'approval_backlog'])

// As far as a record tells: what the state of the trail refused (a reused id, a fault), the policy may have allowed.
function policyDecision({ decision, code }: JsonObject): Recorded | undefined {
  if (OF_QUESTION.has(code)) return 'require_approval'
  return OF_POLICY.has(code) ? decisionOf(decision) : undefined
}

// On the clock of the trail, by which limits were counted; the event's own time is for information alone.
function timeOf({ at }: JsonObject): number | undefined {
  return Number.isSafeInteger(at) ? Number(at) : undefined
}

// What was refused for another reason than the policy's never ran, whatever the policy would say.
function wasLetThrough({ outcome, code }: JsonObject): boolean | undefined {
  if (outcome === 'open' || outcome === 'caller') return true
  return OF_POLICY.has(code) || OF_QUESTION.has(code) ? undefined : false
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
