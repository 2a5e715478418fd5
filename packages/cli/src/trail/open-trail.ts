import { type BaseDBEngine, defaultDatabase, machine } from '@capfence/core'

/** A trail that is open for reading. */
export interface Trail {
  readonly path: string
  readonly engine: BaseDBEngine
}

/** The path of the trail: as named, else the project's own. */
export function trailPath(named: string | undefined): string {
  return named ?? defaultDatabase(machine())
}

/** Opens a trail for reading only, hands it over, and closes it in the end. Makes and changes nothing. */
export async function withTrail<Value>(path: string, use: (trail: Trail) => Promise<Value>): Promise<Value> {
  const { SqliteEngine } = await import('@capfence/core/sqlite')
  const engine = new SqliteEngine({ path, readOnly: true })
  try {
    await engine.open()
    return await use({ path, engine })
  } finally {
    await engine.close()
  }
}
