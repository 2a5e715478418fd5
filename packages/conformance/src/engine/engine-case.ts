import type { BaseDBEngine, ValuePage } from '@capfence/core'

/** A store of its own for one case. */
export interface EngineFixture {
  /** An open handle on an empty store. */
  readonly engine: BaseDBEngine
  /** A further handle on the same store, as another process would have it; not yet open. */
  readonly another: () => BaseDBEngine
  /** Erases values past the engine, as an eraser would; left out where nothing can. */
  readonly erase?: ((page: ValuePage) => Promise<void>) | undefined
  /** Closes what is open and removes the store. */
  readonly dispose: () => Promise<void>
}

/** Makes a fixture whose store shares nothing with any other. */
export type MakeEngine = () => Promise<EngineFixture>

/** One promise of the engine contract. `run` rejects, saying what was seen instead, where it is not kept. */
export interface EngineCase {
  readonly id: string
  readonly run: (make: MakeEngine) => Promise<void>
}

/** A case on one fresh store, which is disposed of whatever happens. */
export function engineCase(id: string, body: (fixture: EngineFixture) => Promise<void>): EngineCase {
  return {
    id,
    run: async (make) => {
      const fixture = await make()
      try {
        await body(fixture)
      } finally {
        await fixture.dispose()
      }
    },
  }
}
