import { CapFenceError, type ErrorCode } from '../../kernel/errors.ts'
import type { Machine } from '../../kernel/ports.ts'
import { fileStamp, filesAt, hasLog } from './database-file.ts'
import { type Database, databaseOver } from './database.ts'
import { faultOf, isUnopenable } from './faults.ts'
import { retryWhileBusy } from './retry.ts'
import { APPLICATION_ID } from './schema.ts'
import { demandAll, pragma, READER_SETTINGS, WRITER_SETTINGS } from './settings.ts'

/** Which file, and how. */
export interface Target {
  readonly path: string
  readonly readOnly: boolean
  readonly waitMs: number
  readonly machine: Machine
}

/** An open connection. */
export interface Connection {
  readonly database: Database
  /**
   * Why what this connection reads or commits is not, or no longer, in the file that the path names. Then it is of no
   * more use: `ENGINE_BUSY` where the same call may be made on another one.
   */
  readonly doubt: () => CapFenceError | undefined
}

/** Connects with the demanded settings, while locks of others are waited for. */
export function connect(realPath: string, target: Target): Promise<Connection> {
  return retryWhileBusy(async () => {
    try {
      return target.readOnly ? await connectReader(realPath, target) : await connectWriter(realPath, target)
    } catch (cause) {
      throw faultOf(cause, target.path)
    }
  }, target)
}

async function connectWriter(realPath: string, target: Target): Promise<Connection> {
  const { machine, path } = target
  const isLeft = hasLog(realPath, machine)
  const database = await opened(realPath, target)
  try {
    demandAll(database, WRITER_SETTINGS)
    namesOf(database) // the first read opens the log
    // A log that a failed writer left may hold what can be read and yet is not on the disk: a system forgets what an
    // fsync could not write. So it goes into the database, which is written and synced anew, before anything follows it.
    // Where other writers are alive, none of that was taken for a commit, and they need not be waited for.
    if (isLeft) database.all('pragma wal_checkpoint(truncate)')
    const files = filesAt(realPath, machine)
    return {
      database,
      doubt: () =>
        filesAt(realPath, machine) === files
          ? undefined
          : failed(
              'ENGINE_CORRUPT',
              path,
              'was removed or replaced while it was in use; look for it, then verify the trail',
            ),
    }
  } catch (cause) {
    database.close()
    throw cause
  }
}

async function connectReader(realPath: string, target: Target): Promise<Connection> {
  const { path, machine } = target
  // Without a log no writer is alive. SQLite would make files beside the database, which a reader may not be allowed
  // to, or must not leave behind: so the file is read as it lies, and each answer checks that nobody wrote meanwhile.
  if (!hasLog(realPath, machine)) {
    const stamp = fileStamp(realPath, machine)
    const isCurrent = (): boolean => !hasLog(realPath, machine) && fileStamp(realPath, machine) === stamp
    return readerOf(await opened(immutable(realPath), target), path, isCurrent)
  }
  try {
    const database = await opened(realPath, target)
    const files = filesAt(realPath, machine)
    return readerOf(database, path, () => filesAt(realPath, machine) === files)
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

function readerOf(database: Database, path: string, isCurrent: () => boolean): Connection {
  return {
    database,
    doubt: () => (isCurrent() ? undefined : failed('ENGINE_BUSY', path, 'was written while it was read; try again')),
  }
}

async function opened(place: string, { path, readOnly }: Target): Promise<Database> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = databaseOver(new DatabaseSync(place, { timeout: 0, readOnly }))
  try {
    demandAll(database, READER_SETTINGS)
    // Before anything is written: a file of another program stays as it is.
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

function refuseForeign(database: Database, path: string): void {
  if (namesOf(database).size > 0 && pragma(database, 'application_id') !== APPLICATION_ID) {
    throw failed('ENGINE_FAILED', path, 'belongs to another program; choose another path')
  }
}

/** The names of all tables. */
export function namesOf(database: Database): ReadonlySet<unknown> {
  return new Set(database.all(`select name from sqlite_schema where type = 'table'`).map((row) => row['name']))
}

/** An error about the database at `path`. */
export function failed(code: ErrorCode, path: string, what: string): CapFenceError {
  return new CapFenceError(code, `the database \`${path}\` ${what}`)
}
