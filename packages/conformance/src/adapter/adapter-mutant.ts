import type { ActionEvent, ActionEventInit, ActionRuntime, RunOptions, Tool } from '@capfence/core'
import type { AdapterFixture, CaseSetup } from './adapter-fixture.ts'

/** A wrong adapter, made of a right one, and the cases that must tell. */
export interface AdapterMutant {
  readonly id: string
  /** The ids of cases that must fail on it, as far as they apply to the framework. */
  readonly fails: readonly string[]
  /** What the framework must have for the mistake to be one. */
  readonly needs?: keyof AdapterFixture['has'] | undefined
  readonly wrong: (fixture: AdapterFixture) => AdapterFixture
}

/** What a lying runtime answers in place of the true one. */
export type Lies = Partial<Pick<ActionRuntime, 'run' | 'once' | 'toolEvent'>>

/** The fixture behind a runtime that lies: as wrong as an adapter that did the same by itself. */
export function lying(lie: (real: ActionRuntime, setup: CaseSetup) => Lies): AdapterMutant['wrong'] {
  return (fixture) => {
    // One liar for each runtime, so that what it remembers of one call counts for the next.
    const liars = new WeakMap<ActionRuntime, ActionRuntime>()
    return onSetup(fixture, (setup) => {
      const liar = liars.get(setup.runtime) ?? lyingRuntime(setup.runtime, lie(setup.runtime, setup))
      liars.set(setup.runtime, liar)
      return { ...setup, runtime: liar }
    })
  }
}

/** The fixture with each setup changed before it is used. */
export function onSetup(fixture: AdapterFixture, change: (setup: CaseSetup) => CaseSetup): AdapterFixture {
  return {
    ...fixture,
    converse: (setup, turns) => fixture.converse(change(setup), turns),
    ways: (setup, call) => fixture.ways(change(setup), call),
    forgeries: (setup, call) => fixture.forgeries(change(setup), call),
    mutations: (setup, call, evil) => fixture.mutations(change(setup), call, evil),
    ungateable: (setup) => fixture.ungateable(change(setup)),
    surfaces: (setup) => fixture.surfaces(change(setup)),
    nested: (setup, call) => fixture.nested(change(setup), call),
  }
}

function lyingRuntime(real: ActionRuntime, lies: Lies): ActionRuntime {
  return new Proxy(real, {
    get: (target, key) => {
      const value: unknown = Reflect.get(lies, key) ?? Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** What `run` takes. */
export type Asked = ActionEvent | ActionEventInit

/** Runs a tool without asking anyone. */
export async function unasked<Result>(asked: Asked, tool: Tool<Result>, options?: RunOptions): Promise<Result> {
  const args = (asked.args ?? {}) as Record<string, unknown> // an event's arguments are an object
  return tool(structuredClone(args), {
    event: asked as ActionEvent,
    plan: undefined,
    signal: options?.signal ?? new AbortController().signal,
  })
}
