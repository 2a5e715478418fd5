import { CapFenceError } from '../../kernel/errors.ts'
import { type Database, databaseOver } from './database.ts'
import { MIGRATION_NAMES, MIGRATION_TABLES, migrations } from './schema.ts'
import { pragma } from './settings.ts'

/** What a connection's schema must be: anything else in there would run inside our own statements, or in their place. */
export interface Schema {
  /** `ENGINE_TAMPERED` where the schema is not exactly what our migrations make. */
  demand(): void
  /** The same, but nothing more than a look-up where no other connection has committed since the last demand. */
  demandIfWritten(): void
}

/** Type, name, table and SQL of an object. */
type Definition = readonly [type: string, name: string, table: string, sql: string | null]

/** Definitions by what they define. */
type Definitions = ReadonlyMap<string, string>

/** What our migrations make of an empty database. */
export async function expectedDefinitions(): Promise<Definitions> {
  const { DatabaseSync } = await import('node:sqlite')
  const { Kysely, SqliteDialect, sql } = await import('kysely')
  const scratch = databaseOver(new DatabaseSync(':memory:'))
  try {
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: scratch }) })
    const migrationByName = migrations(sql)
    for (const statement of MIGRATION_TABLES) scratch.run(statement)
    for (const name of MIGRATION_NAMES) await migrationByName[name]?.up(kysely)
    return new Map(definitionsIn(schemaText(scratch)))
  } finally {
    scratch.close()
  }
}

/** The schema of a connection. */
export function schemaOf(database: Database, expected: Definitions): Schema {
  // Changes whenever another connection commits, and cannot be set back as `schema_version` can.
  let seenVersion: unknown
  let goodText: unknown

  const demand = (): void => {
    // INVARIANT: read before the schema, so that a commit in between is looked at next time.
    const version = pragma(database, 'data_version')
    const text = schemaText(database)
    if (text !== goodText) refuseStrays(definitionsIn(text), expected)
    goodText = text
    seenVersion = version
  }
  return {
    demand,
    demandIfWritten: () => {
      if (pragma(database, 'data_version') !== seenVersion) demand()
    },
  }
}

// One row: measured, less than half the time that a row for each object takes.
function schemaText(database: Database): string {
  const [row] = database.all(
    'select json_group_array(json_array(type, name, tbl_name, sql)) as text from sqlite_schema',
  )
  return (row as { text: string }).text // an aggregate has one row
}

function definitionsIn(text: string): readonly (readonly [string, string])[] {
  const definitions = JSON.parse(text) as readonly Definition[] // as the query makes it
  return definitions.map(([type, name, table, sql]) => [`${type} \`${name}\``, JSON.stringify([table, sql])])
}

function refuseStrays(found: readonly (readonly [string, string])[], expected: Definitions): void {
  const missing = new Map(expected)
  for (const [name, definition] of found) {
    const wanted = missing.get(name)
    if (wanted === undefined) throw corrupt(`holds the ${name}, which CapFence never made`)
    if (wanted !== definition) throw corrupt(`holds the ${name} in another form than CapFence made it`)
    missing.delete(name)
  }
  for (const name of missing.keys()) throw corrupt(`has lost the ${name}`)
}

function corrupt(what: string): CapFenceError {
  return new CapFenceError(
    'ENGINE_TAMPERED',
    `the database ${what}; undo that or restore a backup, then verify the trail`,
  )
}
