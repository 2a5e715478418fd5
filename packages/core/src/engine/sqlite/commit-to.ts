import type { StateExpectation, StateWrite } from '../../approval/state-store.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import type { Append, Commit, CommitResult } from '../../runtime/base-db-engine.ts'
import { checkCommit, checkFollows } from '../check-commit.ts'
import type { Database, SqlValue } from './database.ts'
import { isConstraint, isLocked } from './faults.ts'
import { headRow } from './rows.ts'
import type { Schema } from './schema-check.ts'
import { type Batch, BATCH_ROWS, type Statements } from './statements.ts'
import { storedText } from './stored-text.ts'

/** A connection with its compiled queries and the schema that it must have. */
export interface Store {
  readonly database: Database
  readonly statements: Statements
  readonly schema: Schema
}

/**
 * Commits in one transaction, without giving up the event loop: no other call of this process comes in between, and the
 * lock is held no longer than the work takes. On an error the transaction is left to the caller to settle.
 */
export function commitTo(store: Store, commit: Commit): CommitResult {
  checkCommit(commit)
  const { database } = store
  // Deferred transactions fail when they turn into writers on an old snapshot; this one is a writer from the start.
  database.run('begin immediate')
  // From here on nobody can change it: what runs inside our statements is ours.
  store.schema.demandIfWritten()
  const changed = changedIn(store, commit)
  if (changed !== undefined) {
    database.run('rollback')
    return { kind: 'conflict', changed }
  }
  const headVersion = put(store, commit)
  finish(database)
  return { kind: 'committed', headVersion }
}

function changedIn(store: Store, { append, expect }: Commit): string | undefined {
  if (append !== undefined) {
    const [row] = store.database.all(store.statements.head, [append.head.chain])
    const { version, size } = row as { version: number | null; size: number | null } // STRICT; null where none is
    if ((version ?? 0) !== append.headVersion) return 'head'
    checkFollows(append, size ?? 0)
  }
  return expect.length === 0 ? undefined : changedKey(store, expect)
}

function changedKey({ database, statements }: Store, expect: readonly StateExpectation[]): string | undefined {
  const wanted = expect.map(({ key, version }) => ({ key, version, stored: storedText(key) }))
  const rows = database.all(statements.versions, [JSON.stringify(wanted.map(({ stored }) => stored))])
  const versionByKey = new Map(rows.map((row) => [row['key'], row['version']]))
  return wanted.find(({ stored, version }) => (versionByKey.get(stored) ?? 0) !== version)?.key
}

function put(store: Store, { append, write }: Commit): number {
  const sets = write.filter(({ value }) => value !== null).length
  const needed = sets + (append === undefined ? 0 : 1)
  const last = needed === 0 ? 0 : takeVersions(store, needed)
  if (append !== undefined) putAppend(store, append, last)
  putState(store, write, last - needed)
  return append === undefined ? 0 : last
}

function takeVersions({ database, statements }: Store, needed: number): number {
  const [row] = database.all(statements.takeVersions, [needed])
  if (row === undefined)
    throw new CapFenceError('ENGINE_CORRUPT', 'the database has lost its version counter; restore it from a backup')
  return (row as { version: number }).version // STRICT
}

function putAppend(store: Store, { head, records, values }: Append, version: number): void {
  const { database, statements } = store
  const { chain } = head
  try {
    const rows = records.map(({ seq, body, entry, sig }) => [chain, seq, body, entry, sig])
    insertAll(database, statements.addRecords, rows)
  } catch (cause) {
    if (!isConstraint(cause)) throw cause
    const message = `the chain \`${chain}\` already holds records past its head; verify the trail`
    throw new CapFenceError('ENGINE_CORRUPT', message, { cause })
  }
  const rows = values.map(({ seq, path, salt, value }) => [chain, seq, storedText(path), salt, value])
  insertAll(database, statements.addValues, rows)
  insert(database, statements.putHead, [headRow(head, version)])
}

function insertAll(database: Database, batch: Batch, rows: readonly (readonly SqlValue[])[]): void {
  let next = 0
  for (; rows.length - next >= BATCH_ROWS; next += BATCH_ROWS) {
    insert(database, batch.many, rows.slice(next, next + BATCH_ROWS))
  }
  for (const row of rows.slice(next)) insert(database, batch.one, [row])
}

// A commit that stored less than it was given must not be answered as one.
function insert(database: Database, sql: string, rows: readonly (readonly SqlValue[])[]): void {
  if (database.run(sql, rows.flat()) === rows.length) return
  throw new CapFenceError('ENGINE_TAMPERED', 'the database kept fewer rows than it was given; verify the trail')
}

function putState({ database, statements }: Store, write: readonly StateWrite[], before: number): void {
  let version = before
  for (const { key, value } of write) {
    if (value === null) database.run(statements.dropEntry, [storedText(key)])
    else insert(database, statements.putEntry, [[storedText(key), value, ++version]])
  }
}

function finish(database: Database): void {
  try {
    database.run('commit')
  } catch (cause) {
    // Not open any more: nobody knows whether it landed, so it must not look like a lock that can be waited for.
    if (database.isOpen() || !isLocked(cause)) throw cause
    throw new CapFenceError('ENGINE_FAILED', 'a commit failed and may have landed; look before trying again', { cause })
  }
}
