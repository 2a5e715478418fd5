import type { Kysely, sql as Sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The tables as statements see them. Types are exact, because every table is STRICT. */
export interface Tables {
  /** Records exactly as they were signed. */
  readonly record: {
    readonly chain: string
    readonly seq: number
    readonly body: string
    readonly entry: Uint8Array
    readonly sig: Uint8Array
  }
  /** Argument values and salts, which may be erased. */
  readonly value: {
    readonly chain: string
    readonly seq: number
    readonly path: string
    readonly salt: Uint8Array
    readonly value: string
  }
  readonly state: { readonly key: string; readonly value: string; readonly version: number }
  /** Heads. `frontier` holds its hashes one after another. */
  readonly chain: {
    readonly name: string
    readonly origin: string
    readonly vkey: string
    readonly size: number
    readonly entry: Uint8Array
    readonly frontier: Uint8Array
    readonly version: number
  }
  /** One row: the last version that was given to a state value or a head. */
  readonly meta: { readonly id: 1; readonly version: number }
}

/** Marks the file as ours: `CFen`. */
export const APPLICATION_ID = 0x4346656e

/** Where kysely's migrator keeps the names of what it has applied. */
export const MIGRATION_TABLE = 'capfence_migration'

/** Where it keeps its lock. */
export const MIGRATION_LOCK_TABLE = 'capfence_migration_lock'

/** The migrator's own tables. Made here, so that the schema does not depend on its version. */
export const MIGRATION_TABLES: readonly string[] = [
  `create table ${MIGRATION_TABLE} (name text primary key, timestamp text not null) strict`,
  `create table ${MIGRATION_LOCK_TABLE} (id text primary key, is_locked integer not null) strict`,
]

// Measured, 256 records a commit: WITHOUT ROWID for `record` takes three times as long (rows beyond a quarter page
// overflow), and virtual columns half as long again, because SQLite computes them at each insert. So `record` is a plain
// table, and what people query is a view over the bodies: it costs nothing until it is read.
const TRAIL: readonly string[] = [
  `create table record (
    chain text not null,
    seq integer not null check (seq >= 0),
    body text not null,
    entry blob not null,
    sig blob not null,
    primary key (chain, seq)
  ) strict`,
  `create table value (
    chain text not null,
    seq integer not null check (seq >= 0),
    path text not null,
    salt blob not null,
    value text not null,
    primary key (chain, seq, path)
  ) strict, without rowid`,
  `create table state (
    key text primary key,
    value text not null,
    version integer not null
  ) strict, without rowid`,
  `create table chain (
    name text primary key,
    origin text not null,
    vkey text not null,
    size integer not null,
    entry blob not null,
    frontier blob not null,
    version integer not null
  ) strict, without rowid`,
  `create table meta (id integer primary key check (id = 1), version integer not null) strict`,
  `insert into meta (id, version) values (1, 0)`,
  `create view trail as select
    record.chain,
    seq,
    strftime('%Y-%m-%dT%H:%M:%fZ', (body ->> '$.at') / 1000.0, 'unixepoch') as at,
    body ->> '$.kind' as kind,
    body ->> '$.decision' as decision,
    body ->> '$.code' as code,
    body ->> '$.rule' as rule,
    coalesce(body ->> '$.event.id', body ->> '$.event_id') as event,
    body ->> '$.event.actor' as actor,
    body ->> '$.event.capability' as capability,
    body ->> '$.outcome' as outcome,
    body
  from record join chain on chain.name = record.chain where record.seq >= 0`,
]

/** Names of all migrations, oldest first. A name never changes and is never removed. */
export const MIGRATION_NAMES: readonly string[] = ['0001_trail']

/** The migrations by name. */
export function migrations(sql: typeof Sql): Record<string, Migration> {
  return { '0001_trail': { up: (db: Kysely<unknown>) => applyAll(db, TRAIL, sql) } }
}

async function applyAll(db: Kysely<unknown>, statements: readonly string[], sql: typeof Sql): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
