import { durationText } from '../duration-text.ts'
import type { Limit } from '../model.ts'

/** A limit for people and models: `at most 5000 per 24h by actor and tenant`. */
export function limitText({ max, perMs, by }: Limit): string {
  const last = by.at(-1)
  const first = by.slice(0, -1).join(', ')
  const fields = first === '' ? (last ?? 'all together') : `${first} and ${last ?? ''}`
  return `at most ${max} per ${durationText(perMs)}${last === undefined ? `, ${fields}` : ` by ${fields}`}`
}
