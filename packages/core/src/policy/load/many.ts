import type { OneOrMany } from './raw-policy.ts'

/** One as a list of one. */
export function many<Item>(value: OneOrMany<Item>): readonly Item[] {
  return Array.isArray(value) ? value : [value]
}
