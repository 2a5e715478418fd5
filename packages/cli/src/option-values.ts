import { InvalidArgumentError } from 'commander'
import { DECISIONS } from './decisions.ts'

const KINDS = ['decision', 'outcome', 'opened', 'head_adopted'] as const
const ROLES = ['writer', 'approver'] as const

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

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

/** A whole number from 1. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

/** Milliseconds since 1970 of a time, a date (UTC) or a duration back from now. */
export function time(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (amount !== undefined) return Date.now() - Number(amount) * (UNIT_MS[unit] ?? 0)
  const isTime = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))?$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(at)) return at
  throw new InvalidArgumentError('It must be like 30m, 24h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z.')
}

function oneOf<Value extends string>(values: readonly Value[], text: string): Value {
  const found = values.find((value) => value === text)
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${values.join(', ')}.`)
  return found
}
