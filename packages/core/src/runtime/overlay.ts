import type { StateExpectation, StateWrite } from '../approval/state-store.ts'
import type { ReadResult } from './base-db-engine.ts'

/** State as read, with the writes of a batch on top; knows what a commit must expect and write. */
export interface Overlay {
  get(key: string): string | undefined
  put(writes: readonly StateWrite[]): void
  expectations(): readonly StateExpectation[]
  writes(): readonly StateWrite[]
}

/** An overlay over what was read for `keys`. Reading any other key is a fault: the commit would not check it. */
export function overlay(read: ReadResult, keys: ReadonlySet<string>): Overlay {
  const written = new Map<string, string | null>()
  return {
    get: (key) => {
      if (!keys.has(key)) throw new Error(`the state key \`${key}\` was not asked for`)
      const value = written.get(key)
      return value === undefined ? read.state.get(key)?.value : (value ?? undefined)
    },
    put: (writes) => {
      for (const write of writes) {
        if (!keys.has(write.key)) throw new Error(`the state key \`${write.key}\` was not asked for`)
        written.set(write.key, write.value)
      }
    },
    expectations: () => [...keys].map((key) => ({ key, version: read.state.get(key)?.version ?? 0 })),
    writes: () => [...written].map(([key, value]) => ({ key, value })),
  }
}
