import type { BaseDBEngine } from '@capfence/core'
import type { MemoryEngine } from '@capfence/core/memory'
import { delegate } from './delegate.ts'
import type { MakeEngine } from './engine-case.ts'
import { memoryFixture } from './memory-fixture.ts'

/** A wrong engine, and the case that must tell. */
export interface EngineMutant {
  readonly id: string
  readonly make: MakeEngine
  /** The id of a case that must fail on it. */
  readonly fails: string
}

/** What a mutant does wrong, over an engine that does all right. */
export type Wrong = (engine: BaseDBEngine, memory: MemoryEngine) => Partial<BaseDBEngine>

/** A mutant that is the memory engine but for a few methods. */
export function mutant(id: string, fails: string, wrong: Wrong): EngineMutant {
  const wrap = (memory: MemoryEngine): BaseDBEngine => {
    const right = delegate(memory)
    return { ...right, ...wrong(right, memory) }
  }
  return { id, fails, make: () => memoryFixture(wrap) }
}
