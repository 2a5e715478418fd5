import type { StateEntry, StatePage } from '../../approval/state-store.ts'
import type { ChainHead, RecordPage, StoredRecord, StoredValue, ValuePage } from '../../audit/chain-store.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import { type Machine, machine, paths } from '../../kernel/ports.ts'
import type { BaseDBEngine, Commit, CommitResult, ReadResult, ReadWanted } from '../../runtime/base-db-engine.ts'
import { commitTo } from './commit-to.ts'
import type { Target } from './connect.ts'
import { realPathOf } from './database-file.ts'
import { faultOf, isIoFault } from './faults.ts'
import { openSession, type Session } from './open-session.ts'
import { readHeads, readPage, readRecords, readState, readNow, readValues } from './reads.ts'
import { retryWhileBusy } from './retry.ts'

export interface SqliteEngineOptions {
  /** The database file; made where it is missing, with its folder. */
  readonly path: string
  /** How long a call waits for a lock of another process before it rejects with `ENGINE_BUSY`; 5,000 by default. */
  readonly waitMs?: number | undefined
  /** Reads a file that must be there and changes nothing, also while others write; every commit is refused. */
  readonly readOnly?: boolean | undefined
  /** This machine by default. */
  readonly machine?: Machine | undefined
}

/** The default engine: one SQLite file, many processes on one machine, each commit on the disk before it is answered. */
export class SqliteEngine implements BaseDBEngine {
  readonly kind = 'sqlite'
  readonly #target: Target
  #opening: Promise<Session> | undefined
  #closed = false

  constructor(options: SqliteEngineOptions) {
    if (options.path === '') throw new CapFenceError('ENGINE_FAILED', 'the path of the database is empty; name a file')
    this.#target = {
      path: paths.resolve(options.path),
      readOnly: options.readOnly ?? false,
      waitMs: options.waitMs ?? 5000,
      machine: options.machine ?? machine(),
    }
  }

  /** The real path of the file. */
  get identity(): string {
    return realPathOf(this.#target.path, this.#target.machine)
  }

  open(): Promise<void> {
    return this.#run(() => undefined)
  }

  now(): Promise<number> {
    return this.#run(readNow)
  }

  read(wanted: ReadWanted): Promise<ReadResult> {
    return this.#run((session) => readState(session, wanted))
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#run((session) => {
      if (this.#target.readOnly) throw new CapFenceError('ENGINE_FAILED', 'the database was opened for reading only')
      // And after the commit once more: what went to a file that nobody can find is never answered as committed.
      const doubt = session.doubt()
      if (doubt !== undefined) throw doubt
      return commitTo(session, commit)
    })
  }

  list(page: StatePage): Promise<readonly StateEntry[]> {
    return this.#run((session) => readPage(session, page))
  }

  chains(): Promise<readonly ChainHead[]> {
    return this.#run(readHeads)
  }

  records(page: RecordPage): Promise<readonly StoredRecord[]> {
    return this.#run((session) => readRecords(session, page))
  }

  values(page: ValuePage): Promise<readonly StoredValue[]> {
    return this.#run((session) => readValues(session, page))
  }

  async close(): Promise<void> {
    this.#closed = true
    const [opened] = await Promise.allSettled([this.#opening])
    if (opened.status === 'fulfilled') opened.value?.database.close()
  }

  #run<Value>(operation: (session: Session) => Value): Promise<Value> {
    return retryWhileBusy(() => this.#attempt(operation), this.#target)
  }

  async #attempt<Value>(operation: (session: Session) => Value): Promise<Value> {
    this.#refuseClosed()
    const opening = (this.#opening ??= this.#open())
    const session = await opening
    this.#refuseClosed()
    // Another call that waited for the same session has found it to be of no more use.
    if (opening !== this.#opening) return this.#attempt(operation)
    const value = this.#answer(session, operation)
    const doubt = session.doubt()
    if (doubt === undefined) return value
    this.#abandon(session)
    throw doubt
  }

  #answer<Value>(session: Session, operation: (session: Session) => Value): Value {
    try {
      return operation(session)
    } catch (cause) {
      // A connection that keeps its transaction would lock out every process; one that met an I/O error is not believed.
      const isLost = !session.database.settle() || isIoFault(cause) || session.doubt() !== undefined
      if (isLost) this.#abandon(session)
      throw faultOf(cause, this.#target.path)
    }
  }

  async #open(): Promise<Session> {
    try {
      return await openSession(this.#target)
    } catch (cause) {
      this.#opening = undefined // the next call may fare better
      throw faultOf(cause, this.#target.path)
    }
  }

  // The next call opens anew.
  #abandon(session: Session): void {
    this.#opening = undefined
    session.database.close()
  }

  #refuseClosed(): void {
    if (this.#closed) throw new CapFenceError('ENGINE_CLOSED', `the database \`${this.#target.path}\` is closed`)
  }
}
