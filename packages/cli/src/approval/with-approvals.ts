import {
  ApprovalEngine,
  type BaseDBEngine,
  CapFenceError,
  type Machine,
  defaultDatabase,
  defaultEngine,
  machine,
} from '@capfence/core'

/** A trail that is open for approvals. */
export interface Approvals {
  readonly path: string
  readonly ports: Machine
  readonly engine: BaseDBEngine
  readonly approvals: ApprovalEngine
  /** True where no database was there before. */
  readonly isNew: boolean
}

/** Where the trail is, and whether a missing one may be begun. */
export interface Place {
  readonly database: string | undefined
  readonly begins?: boolean
}

/** Opens a trail for writing, hands it over, and closes it in the end. */
export async function withApprovals<Value>(
  { database, begins = false }: Place,
  use: (trail: Approvals) => Promise<Value>,
): Promise<Value> {
  const ports = machine()
  const path = database ?? defaultDatabase(ports)
  const isNew = ports.files.facts(path) === undefined
  if (isNew && !begins) throw new CapFenceError('IO', `there is no database at \`${path}\`; name one with \`--db\``)
  const engine = database === undefined ? defaultEngine(ports) : await namedEngine(database)
  try {
    return await use({ path, ports, engine, approvals: new ApprovalEngine({ engine, machine: ports }), isNew })
  } finally {
    await engine.close()
  }
}

async function namedEngine(path: string): Promise<BaseDBEngine> {
  const { SqliteEngine } = await import('@capfence/core/sqlite')
  return new SqliteEngine({ path })
}
