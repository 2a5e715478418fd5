import type { AdapterFixture } from './adapter-fixture.ts'

/** One promise of an adapter. `run` rejects, saying what was seen instead, where it is not kept. */
export interface AdapterCase {
  readonly id: string
  /** What the framework must have for the case to apply. */
  readonly needs?: keyof AdapterFixture['has'] | undefined
  readonly run: (fixture: AdapterFixture) => Promise<void>
}
