import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { SqliteDatabase, SqliteStatement } from 'kysely'

/** What a statement binds. */
export type SqlValue = string | number | Uint8Array | null

/** A row by column name. */
export type Row = Readonly<Record<string, unknown>>

/** One connection. Each statement is prepared once; everything is synchronous, so nothing comes between two statements. */
export interface Database extends SqliteDatabase {
  all(sql: string, values?: readonly SqlValue[]): readonly Row[]
  /** How many rows the statement itself inserted, changed or deleted. */
  run(sql: string, values?: readonly SqlValue[]): number
  /** Whether a transaction is open. */
  isOpen(): boolean
  /** Ends a transaction that an error left open; false where even that failed. */
  settle(): boolean
}

/** The connection as kysely and the engine use it. */
export function databaseOver(raw: DatabaseSync): Database {
  const prepared = new Map<string, StatementSync>()

  function statement(sql: string): StatementSync {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const made = raw.prepare(sql)
    prepared.set(sql, made)
    return made
  }

  const database: Database = {
    all: (sql, values = []) => statement(sql).all(...values),
    run: (sql, values = []) => Number(statement(sql).run(...values).changes),
    isOpen: () => raw.isTransaction,
    settle: () => {
      try {
        if (raw.isTransaction) raw.exec('rollback')
        return !raw.isTransaction
      } catch {
        return false // the answer says it: this connection is of no more use
      }
    },
    prepare: (sql) => forKysely(raw.prepare(sql)),
    close: () => {
      prepared.clear()
      if (raw.isOpen) raw.close()
    },
  }
  return database
}

function forKysely(statement: StatementSync): SqliteStatement {
  // kysely types parameters as unknown; those of the migrator are texts and numbers.
  const bound = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...bound(parameters)),
    run: (parameters) => statement.run(...bound(parameters)),
    iterate: (parameters) => statement.iterate(...bound(parameters)),
  }
}
