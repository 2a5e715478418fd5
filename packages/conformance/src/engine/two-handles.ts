import type { BaseDBEngine, CommitResult } from '@capfence/core'
import { type EngineCase, engineCase } from './engine-case.ts'

/** Two open handles on one store. */
export type TwoHandles = readonly [BaseDBEngine, BaseDBEngine]

/** The body with two open handles on one store. */
export function onTwoHandles(id: string, body: (handles: TwoHandles) => Promise<void>): EngineCase {
  return engineCase(id, async ({ engine, another }) => {
    const second = another()
    await second.open()
    await body([engine, second])
    await second.close()
  })
}

/** How many commits were stored and how many refused. */
export function kinds(results: readonly CommitResult[]): Readonly<Record<string, number>> {
  const count = (kind: string): number => results.filter((result) => result.kind === kind).length
  return { committed: count('committed'), conflict: count('conflict') }
}
