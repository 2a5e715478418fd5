import type { Kysely } from 'kysely'
import type { Migrator } from 'kysely/migration'
import { messageOf } from '../../kernel/errors.ts'
import type { Store } from './commit-to.ts'
import { connect, type Connection, failed, namesOf, type Target } from './connect.ts'
import { existingDatabase, fileAt, ownedDatabase } from './database-file.ts'
import type { Database } from './database.ts'
import { faultOf } from './faults.ts'
import { retryWhileBusy } from './retry.ts'
import { expectedDefinitions, type Schema, schemaOf } from './schema-check.ts'
import {
  APPLICATION_ID,
  MIGRATION_LOCK_TABLE,
  MIGRATION_NAMES,
  MIGRATION_TABLE,
  MIGRATION_TABLES,
  migrations,
  type Tables,
} from './schema.ts'
import { compileStatements } from './statements.ts'

/** An open connection, ready for use. */
export interface Session extends Store, Connection {
  readonly realPath: string
}

/** Opens the database: a safe file, the demanded settings, the newest schema and nothing besides. */
export async function openSession(target: Target): Promise<Session> {
  const { path, machine } = target
  const realPath = target.readOnly ? existingDatabase(path, machine) : ownedDatabase(path, machine)
  const { Kysely, SqliteDialect, sql } = await import('kysely')
  const expected = await expectedDefinitions()
  const file = fileAt(realPath, machine)
  const { database, doubt } = await connect(realPath, target)
  try {
    if (fileAt(realPath, machine) !== file)
      throw failed('ENGINE_BUSY', path, 'was replaced while it was opened; try again')
    const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
    const schema = schemaOf(database, expected)
    await retryWhileBusy(() => ensureSchema({ database, kysely, schema }, target), target)
    return { database, statements: compileStatements(kysely, sql), schema, realPath, doubt }
  } catch (cause) {
    database.close()
    throw cause
  }
}

interface Opened {
  readonly database: Database
  readonly kysely: Kysely<Tables>
  readonly schema: Schema
}

async function ensureSchema({ database, kysely, schema }: Opened, { path, readOnly }: Target): Promise<void> {
  try {
    if (!isCurrentSchema(database, path)) {
      if (readOnly) throw failed('ENGINE_FAILED', path, 'is empty or of an older version; open it for writing once')
      const migrator = await migratorOf(kysely)
      // One lock over all: of several processes at a fresh file one migrates, the others wait and find it done.
      database.run('begin immediate')
      if (!isCurrentSchema(database, path)) await migrate(database, migrator)
      schema.demand()
      database.run('commit')
    }
    schema.demand()
  } catch (cause) {
    database.settle()
    throw faultOf(cause, path)
  }
}

function isCurrentSchema(database: Database, path: string): boolean {
  if (!namesOf(database).has(MIGRATION_TABLE)) return false
  const applied = database.all(`select name from ${MIGRATION_TABLE}`).map((row) => String(row['name']))
  if (applied.some((name) => !MIGRATION_NAMES.includes(name))) {
    throw failed('ENGINE_FAILED', path, 'was written by a newer CapFence; update this one')
  }
  return applied.length === MIGRATION_NAMES.length
}

async function migratorOf(kysely: Kysely<Tables>): Promise<Migrator> {
  const [{ Migrator: KyselyMigrator }, { sql }] = await Promise.all([import('kysely/migration'), import('kysely')])
  return new KyselyMigrator({
    db: kysely,
    provider: { getMigrations: async () => migrations(sql) },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: MIGRATION_LOCK_TABLE,
  })
}

async function migrate(database: Database, migrator: Migrator): Promise<void> {
  if (!namesOf(database).has(MIGRATION_TABLE)) for (const statement of MIGRATION_TABLES) database.run(statement)
  // INVARIANT: kysely opens no transaction of its own on SQLite, so all of it is part of the caller's.
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error instanceof Error ? error : new Error(messageOf(error))
  database.all(`pragma application_id = ${String(APPLICATION_ID)}`)
}
