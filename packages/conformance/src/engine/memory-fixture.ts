import type { BaseDBEngine } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import type { EngineFixture } from './engine-case.ts'

/** A fixture over the memory engine, with a wrapper round each handle. */
export async function memoryFixture(wrap: (engine: MemoryEngine) => BaseDBEngine = plainly): Promise<EngineFixture> {
  const store = new MemoryEngine()
  const engine = wrap(store)
  await engine.open()
  return { engine, another: () => wrap(store.share()), dispose: () => engine.close() }
}

function plainly(engine: MemoryEngine): BaseDBEngine {
  return engine
}
