import type { ChainStore, Json } from '@capfence/core'
import { type DecisionBody, argumentName, keeps } from '@capfence/core/audit'

/**
 * The arguments that a decision was about, or null where one is no longer kept, is not the one that was committed to,
 * or what was refused never became an event.
 */
export async function recordArgs(store: ChainStore, body: DecisionBody): Promise<Json> {
  if (!('capability' in body.event)) return null
  const { chain, seq } = body
  const values = await store.values({ chain, from: seq, to: seq + 1 })
  const args: Record<string, Json> = {}
  for (const { path, commit } of body.args) {
    const kept = values.find((value) => value.path === path)
    if (kept === undefined || !keeps(kept, commit)) return null
    const value = JSON.parse(kept.value) as Json // the very text that was committed to
    const name = argumentName(path)
    if (name === undefined) return value
    // `__proto__` is a name like any other.
    Object.defineProperty(args, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return args
}
