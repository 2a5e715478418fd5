import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { defaultDatabase, prepareDatabaseFolder } from './default-database.ts'

/** Something that works on one engine: unbound until a runtime binds it. */
export interface Bindable {
  readonly engine: BaseDBEngine | undefined
  bind(engine: BaseDBEngine): void
}

/** The one engine of all parts; undefined where none brings one. Two different ones are `ENGINE_MISMATCH`. */
export function commonEngine(engines: readonly (BaseDBEngine | undefined)[]): BaseDBEngine | undefined {
  const [first, ...others] = engines.filter((engine) => engine !== undefined)
  const other = others.find((engine) => engine !== first && engine.identity !== first?.identity)
  if (first !== undefined && other !== undefined) {
    throw new CapFenceError(
      'ENGINE_MISMATCH',
      `the parts of a runtime must share one engine; found \`${first.identity}\` and \`${other.identity}\``,
    )
  }
  return first
}

/** The default engine: SQLite at the default place, imported and opened at its first use. */
export function defaultEngine(machine: Machine): BaseDBEngine {
  return lazyEngine(defaultDatabase(machine), async (path) => {
    prepareDatabaseFolder(path, machine)
    const { SqliteEngine } = await import('../engine/sqlite/index.ts')
    return new SqliteEngine({ path, machine })
  })
}

function lazyEngine(path: string, make: (path: string) => Promise<BaseDBEngine>): BaseDBEngine {
  let made: Promise<BaseDBEngine> | undefined
  let identity = path
  const engine = (): Promise<BaseDBEngine> => {
    made ??= make(path).then(
      (opened) => {
        identity = opened.identity
        return opened
      },
      (cause: unknown) => {
        made = undefined // a folder that could not be made may be there at the next call
        throw cause
      },
    )
    return made
  }
  return {
    kind: 'sqlite',
    // The real path, once the file is there: the same for everyone who opens it.
    get identity() {
      return identity
    },
    open: async () => (await engine()).open(),
    now: async () => (await engine()).now(),
    read: async (wanted) => (await engine()).read(wanted),
    commit: async (commit) => (await engine()).commit(commit),
    list: async (page) => (await engine()).list(page),
    chains: async () => (await engine()).chains(),
    records: async (page) => (await engine()).records(page),
    values: async (page) => (await engine()).values(page),
    close: async () => {
      await (await made)?.close()
    },
  }
}
