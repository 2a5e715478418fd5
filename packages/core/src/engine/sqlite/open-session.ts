import type { Kysely } from 'kysely'
import type { Migrator } from 'kysely/migration'
import { CapFenceError, type ErrorCode, messageOf } from '../../kernel/errors.ts'
import type { Machine } from '../../kernel/ports.ts'
import type { Store } from './commit-to.ts'
import { existingDatabase, fileStamp, hasLog, ownedDatabase } from './database-file.ts'
import { type Database, databaseOver } from './database.ts'
import { faultOf, isUnopenable } from './faults.ts'
import { retryWhileBusy } from './retry.ts'
import { APPLICATION_ID, MIGRATION_NAMES, MIGRATION_TABLE, migrations, type Tables } from './schema.ts'
import { demandAll, pragma, READER_SETTINGS, WRITER_SETTINGS } from './settings.ts'
import { compileStatements } from './statements.ts'

/** Which file, and how. */
export interface Target {
  readonly path: string
  readonly readOnly: boolean
  readonly waitMs: number
  readonly machine: Machine
}

/** An open connection, ready for use. */
export interface Session extends Store {
  readonly realPath: string
  /** False once what this connection reads may be out of date, so that the call must be made anew on another one. */
  isCurrent(): boolean
}

interface Connection {
  readonly database: Database
  readonly isCurrent: () => boolean
}

/** Opens the database: a safe file, the demanded settings, the newest schema. */
export async function openSession(target: Target): Promise<Session> {
  const { path, machine } = target
  const realPath = target.readOnly ? existingDatabase(path, machine) : ownedDatabase(path, machine)
  const { Kysely, SqliteDialect, sql } = await import('kysely')
  const { database, isCurrent } = await connect(realPath, target)
  try {
    const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) })
    await retryWhileBusy(() => ensureSchema({ database, kysely }, target), target)
    return { database, statements: compileStatements(kysely, sql), realPath, isCurrent }
  } catch (cause) {
    database.close()
    throw cause
  }
}

function connect(realPath: string, target: Target): Promise<Connection> {
  return retryWhileBusy(async () => {
    try {
      return target.readOnly ? await connectReader(realPath, target) : await connectWriter(realPath, target)
    } catch (cause) {
      throw faultOf(cause, target.path)
    }
  }, target)
}

async function connectWriter(realPath: string, { path }: Target): Promise<Connection> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = databaseOver(new DatabaseSync(realPath, { timeout: 0 }))
  try {
    demandAll(database, READER_SETTINGS)
    // Before anything is written: a file of another program stays as it is.
    refuseForeign(database, path)
    demandAll(database, WRITER_SETTINGS)
    return { database, isCurrent: () => true }
  } catch (cause) {
    database.close()
    throw cause
  }
}

async function connectReader(realPath: string, { path, machine }: Target): Promise<Connection> {
  // Without a log no writer is alive. SQLite would make files beside the database, which a reader may not be allowed
  // to, or must not leave behind: so the file is read as it lies, and each answer checks that nobody wrote meanwhile.
  if (!hasLog(realPath, machine)) {
    const stamp = fileStamp(realPath, machine)
    const database = await readerOf(immutable(realPath), path)
    return { database, isCurrent: () => !hasLog(realPath, machine) && fileStamp(realPath, machine) === stamp }
  }
  try {
    return { database: await readerOf(realPath, path), isCurrent: () => true }
  } catch (cause) {
    if (!isUnopenable(cause)) throw cause
    // The last writer has just left and took the log with it: the file can be read as it lies.
    if (!hasLog(realPath, machine)) throw failed('ENGINE_BUSY', path, 'was being closed by its last writer; try again')
    throw failed(
      'ENGINE_FAILED',
      path,
      'has live or killed writers, and this user may not read along; run as its owner',
    )
  }
}

async function readerOf(place: string, path: string): Promise<Database> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = databaseOver(new DatabaseSync(place, { timeout: 0, readOnly: true }))
  try {
    demandAll(database, READER_SETTINGS)
    refuseForeign(database, path)
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

function immutable(realPath: string): string {
  const escaped = encodeURI(realPath).replaceAll(/[?#]/g, encodeURIComponent)
  return `file:${escaped.startsWith('/') ? '' : '/'}${escaped}?immutable=1`
}

interface Opened {
  readonly database: Database
  readonly kysely: Kysely<Tables>
}

async function ensureSchema({ database, kysely }: Opened, { path, readOnly }: Target): Promise<void> {
  try {
    if (isCurrentSchema(database, path)) return
    if (readOnly) throw failed('ENGINE_FAILED', path, 'is empty or of an older version; open it for writing once')
    const migrator = await migratorOf(kysely)
    // One lock over all: of several processes at a fresh file one migrates, the others wait and find it done.
    database.run('begin immediate')
    if (!isCurrentSchema(database, path)) await migrate(database, migrator)
    database.run('commit')
  } catch (cause) {
    database.settle()
    throw faultOf(cause, path)
  }
}

function tablesIn(database: Database): ReadonlySet<unknown> {
  return new Set(database.all(`select name from sqlite_schema where type = 'table'`).map((row) => row['name']))
}

function refuseForeign(database: Database, path: string): void {
  if (tablesIn(database).size > 0 && pragma(database, 'application_id') !== APPLICATION_ID) {
    throw failed('ENGINE_FAILED', path, 'belongs to another program; choose another path')
  }
}

function isCurrentSchema(database: Database, path: string): boolean {
  if (!tablesIn(database).has(MIGRATION_TABLE)) return false
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
    migrationLockTableName: `${MIGRATION_TABLE}_lock`,
  })
}

async function migrate(database: Database, migrator: Migrator): Promise<void> {
  // INVARIANT: kysely opens no transaction of its own on SQLite, so all of it is part of the caller's.
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error instanceof Error ? error : new Error(messageOf(error))
  database.all(`pragma application_id = ${String(APPLICATION_ID)}`)
}

function failed(code: ErrorCode, path: string, what: string): CapFenceError {
  return new CapFenceError(code, `the database \`${path}\` ${what}`)
}
