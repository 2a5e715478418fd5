import { InvalidArgumentError } from 'commander'
import { DECISIONS } from './decisions.ts'
import { durationMs } from './duration.ts'

const KINDS = ['decision', 'outcome', 'opened', 'head_adopted', 'loss_accepted', 'statement', 'ungated'] as const
const ROLES = ['writer', 'approver'] as const
const OUTCOMES = ['succeeded', 'failed', 'not_executed'] as const
const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const

/** One of the decisions. */
export function decision(text: string): string {
  return oneOf(DECISIONS, text)
}

/** One of the kinds of record. */
export function kind(text: string): string {
  return oneOf(KINDS, text)
}

/** One of the roles a key can have. */
export function role(text: string): (typeof ROLES)[number] {
  return oneOf(ROLES, text)
}

/** One of the levels of risk. */
export function risk(text: string): (typeof RISK_LEVELS)[number] {
  return oneOf(RISK_LEVELS, text)
}

/** One of the outcomes that a person may say. */
export function reconciledOutcome(text: string): (typeof OUTCOMES)[number] {
  return oneOf(OUTCOMES, text)
}

/** A whole number from 1. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

/** Milliseconds since 1970 of a time, a date (UTC) or a duration back from now. */
export function time(text: string): number {
  const agoMs = durationMs(text)
  if (agoMs !== undefined) return Date.now() - agoMs
  const isTime = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new InvalidArgumentError('It must be like 30m, 24h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z.')
}

const MAX_DURATION_MS = 366 * 86_400_000

/** Milliseconds of a length of time from one second; a plain number is seconds. */
export function duration(text: string): number {
  const lengthMs = durationMs(/^\d+$/.test(text) ? `${text}s` : text)
  if (lengthMs !== undefined && lengthMs > 0 && lengthMs <= MAX_DURATION_MS) return lengthMs
  throw new InvalidArgumentError('It must be a number of seconds from 1, or be like 30s, 10m, 24h; at most 366d.')
}

function oneOf<Value extends string>(values: readonly Value[], text: string): Value {
  const found = values.find((value) => value === text)
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${values.join(', ')}.`)
  return found
}
