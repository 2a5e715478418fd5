import { deepStrictEqual, fail } from 'node:assert/strict'
import type { CommitResult } from '@capfence/core'

/** Rejects with both sides where they differ. Bytes count as their hex, rows as plain objects, maps by content. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [plain(actual), plain(expected)]
  try {
    deepStrictEqual(left, right)
  } catch (cause) {
    throw new Error(`${what}: expected ${shown(right)}, got ${shown(left)}`, { cause })
  }
}

/** Rejects where a claim does not hold. */
export function claim(holds: boolean, what: string): void {
  if (!holds) fail(what)
}

/** The head's version of a commit that must have been stored. */
export function committed(result: CommitResult, what: string): number {
  if (result.kind !== 'committed') throw new Error(`${what}: expected it to be committed, got ${shown(result)}`)
  return result.headVersion
}

/** What was thrown by a call that must reject. */
export async function rejection(call: () => Promise<unknown>, what: string): Promise<unknown> {
  let answer: unknown
  try {
    answer = await call()
  } catch (cause) {
    return cause
  }
  throw new Error(`${what}: expected it to reject, got ${shown(plain(answer))}`)
}

/** The code of anything that was thrown. */
export function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`
  if (value instanceof Map) return [...value].map(plain)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= 400 ? text : `${text.slice(0, 400)}… (${String(text.length)} characters)`
}
