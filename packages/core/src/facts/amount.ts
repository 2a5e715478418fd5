import type { Json } from '../kernel/json.ts'
import { type Decimal, decimal } from './decimal.ts'

/** An amount of money or of anything else, exactly; a number where that is as exact. */
export type Amount = number | Decimal

// Up to 15 digits, a text and the double that is nearest to it stand for the same decimal.
const EXACT_LENGTH = 15
const PLAIN = /^\d+(?:\.\d+)?$/

/** Reads an amount: a finite, non-negative JSON number or a plain decimal text. Anything else is undefined. */
export function amountOf(value: Json | undefined): Amount | undefined {
  if (typeof value === 'number') return value >= 0 && value < Infinity ? value : undefined
  if (typeof value !== 'string') return undefined
  if (value.length <= EXACT_LENGTH) return PLAIN.test(value) ? Number(value) : undefined
  return value.startsWith('-') ? undefined : decimal(value)
}
