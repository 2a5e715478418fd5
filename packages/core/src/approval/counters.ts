import {
  type Decimal,
  MAX_SUM_LENGTH,
  addDecimals,
  compareDecimals,
  decimal,
  decimalText,
  sumDecimals,
} from '../facts/decimal.ts'
import { type Json, isJsonObject } from '../kernel/json.ts'
import { isWhole, parseState } from './applied.ts'

/** How many buckets a window has: the oldest is counted whole, so a limit is never looser than it says. */
const BUCKETS = 64

/** One slice of a counter's window. Both amounts only grow: what is given back is not taken off, but counted too. */
interface Bucket {
  readonly index: number
  readonly charged: Decimal
  readonly returned: Decimal
}

/** An amount that was charged to a counter at some time. */
export interface Charge {
  readonly counter: string
  readonly perMs: number
  readonly amount: string
  /** The engine's time of the decision. */
  readonly at: number
}

/** The prefix of all counters in the state. */
export const COUNTERS = 'limit/'

/** Where a counter stands. */
export function counterKey(counter: string): string {
  return `${COUNTERS}${counter}`
}

/** How much of a counter's window is used up at a time; undefined where the value is damaged. */
export function usedUp(value: string | undefined, perMs: number, now: number): string | undefined {
  const buckets = parseCounter(value, perMs)
  if (buckets === undefined) return undefined
  const counted = buckets.filter(({ index }) => index >= oldestIndex(perMs, now))
  return decimalText(counted.reduce((sum, bucket) => addDecimals(sum, netOf(bucket)), ZERO))
}

/** The counter with an amount more. A damaged value throws: nothing can be counted on top of it. */
export function charged(value: string | undefined, charge: Charge): string {
  return changed(value, charge, (bucket, amount) => ({ ...bucket, charged: addDecimals(bucket.charged, amount) }))
}

/** The counter with an amount given back, in the slice that it was charged to; as it was where that slice is gone. */
export function returned(value: string | undefined, charge: Charge): string {
  return changed(value, charge, (bucket, amount) => {
    const next = { ...bucket, returned: addDecimals(bucket.returned, amount) }
    // The slice was dropped with its window: to count only what comes back would damage the counter.
    return compareDecimals(next.returned, bucket.charged) > 0 ? bucket : next
  })
}

/** Whether a counter says less than another text of it: a slice that is still in the window was charged less, or gave back less. */
export function saysLess(value: string | undefined, than: string, window: { perMs: number; now: number }): boolean {
  const known = parseCounter(than, window.perMs)
  const found = parseCounter(value, window.perMs)
  if (known === undefined || found === undefined) return known !== undefined
  return known
    .filter(({ index }) => index >= oldestIndex(window.perMs, window.now))
    .some((bucket) => {
      const same = found.find(({ index }) => index === bucket.index) ?? emptyBucket(bucket.index)
      return compareDecimals(same.charged, bucket.charged) < 0 || compareDecimals(same.returned, bucket.returned) < 0
    })
}

/** What one process charged to a counter and did not give back, by slice. */
export type OwnCharges = ReadonlyMap<number, Decimal>

/** The charges with one more, or with one given back; slices that no window reaches any longer are left out. */
export function ownCharges(own: OwnCharges | undefined, charge: Charge, way: 'charged' | 'returned'): OwnCharges {
  const index = indexOf(charge.perMs, charge.at)
  const amount = decimal(charge.amount, MAX_SUM_LENGTH) ?? ZERO
  const before = own?.get(index) ?? ZERO
  const after = way === 'charged' ? addDecimals(before, amount) : addDecimals(before, negative(amount))
  const kept = [...(own ?? [])].filter(([other]) => other >= index - 2 * BUCKETS)
  return new Map([...kept, [index, after]])
}

/** Whether a counter says less than what this very process charged to it: then somebody set it back. */
export function isSetBack(own: OwnCharges, value: string | undefined, window: { perMs: number; now: number }): boolean {
  const found = parseCounter(value, window.perMs)
  if (found === undefined) return true
  return [...own]
    .filter(([index]) => index >= oldestIndex(window.perMs, window.now))
    .some(([index, amount]) => {
      const same = found.find((bucket) => bucket.index === index) ?? emptyBucket(index)
      return compareDecimals(netOf(same), amount) < 0
    })
}

/** Whether no window reaches back to any slice of a counter. A damaged one never is over. */
export function isCounterOver(value: string, now: number): boolean {
  const perMs = parseState(value)?.['per']
  const buckets = isWhole(perMs) ? parseCounter(value, perMs) : undefined
  return isWhole(perMs) && buckets?.every(({ index }) => index < oldestIndex(perMs, now - perMs)) === true
}

const ZERO = sumDecimals([])

function changed(
  value: string | undefined,
  { perMs, at, amount: text, counter }: Charge,
  change: (bucket: Bucket, amount: Decimal) => Bucket,
): string {
  const buckets = parseCounter(value, perMs)
  const amount = decimal(text, MAX_SUM_LENGTH)
  if (buckets === undefined || amount === undefined) throw new Error(`the counter \`${counter}\` is damaged`)
  const index = indexOf(perMs, at)
  const own = buckets.find((bucket) => bucket.index === index) ?? emptyBucket(index)
  // Twice the window: what is given back late still finds its slice, and a clock that stepped back loses nothing.
  const kept = buckets.filter((bucket) => bucket.index !== index && bucket.index >= index - 2 * BUCKETS)
  return format([...kept, change(own, amount)], perMs)
}

function netOf({ charged: plus, returned: minus }: Bucket): Decimal {
  return addDecimals(plus, negative(minus))
}

function negative(amount: Decimal): Decimal {
  return { ...amount, sign: amount.sign === 0 ? 0 : -1 }
}

function emptyBucket(index: number): Bucket {
  return { index, charged: ZERO, returned: ZERO }
}

function widthOf(perMs: number): number {
  return Math.ceil(perMs / BUCKETS)
}

function indexOf(perMs: number, at: number): number {
  return Math.floor(at / widthOf(perMs))
}

// Slices of the future count as well: a clock that stepped back must not free anything.
function oldestIndex(perMs: number, now: number): number {
  return indexOf(perMs, now - perMs)
}

function format(buckets: readonly Bucket[], perMs: number): string {
  const rows = buckets
    .toSorted((left, right) => left.index - right.index)
    .map((bucket) => [bucket.index, decimalText(bucket.charged), decimalText(bucket.returned)])
  return JSON.stringify({ v: 1, per: perMs, buckets: rows })
}

function parseCounter(value: string | undefined, perMs: number): readonly Bucket[] | undefined {
  if (value === undefined) return []
  const fields = parseState(value)
  if (!isJsonObject(fields) || fields['per'] !== perMs) return undefined
  const rows = fields['buckets']
  if (!Array.isArray(rows)) return undefined
  const buckets = rows.map(parseBucket)
  return buckets.every((bucket) => bucket !== undefined) ? buckets : undefined
}

function parseBucket(row: Json): Bucket | undefined {
  if (!Array.isArray(row)) return undefined
  const [index, plus, minus] = row as readonly Json[]
  const amounts = [plus, minus].map((text) => (typeof text === 'string' ? decimal(text, MAX_SUM_LENGTH) : undefined))
  const [charge, back] = amounts
  if (!isWhole(index) || charge === undefined || back === undefined) return undefined
  return charge.sign < 0 || back.sign < 0 || compareDecimals(back, charge) > 0
    ? undefined
    : { index, charged: charge, returned: back }
}
