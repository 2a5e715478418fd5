import type { Kysely, sql as Sql } from 'kysely'
import type { Tables } from './schema.ts'

/** The SQL of every query, compiled once. Parameters stand in the order that is written beside each. */
export interface Statements {
  readonly now: string
  /** name → one row: `now` and the head's columns, null where there is none */
  readonly head: string
  readonly heads: string
  /** → the first record, or value, that no chain's reader would come upon: `chain`, `seq` */
  readonly strayRecord: string
  readonly strayValue: string
  /** JSON array of keys → those that are there */
  readonly entries: string
  /** JSON array of keys → versions of those that are there */
  readonly versions: string
  /** lower, after, upper, limit */
  readonly page: string
  /** chain, from, limit */
  readonly records: string
  /** chain, from, to */
  readonly values: string
  /** how many → the last of them */
  readonly takeVersions: string
  readonly addRecords: Batch
  readonly addValues: Batch
  /** key, value, version */
  readonly putEntry: string
  /** key */
  readonly dropEntry: string
  /** name, origin, vkey, size, entry, frontier, version */
  readonly putHead: string
}

/** One insert for a row, and one for `BATCH_ROWS` rows. */
export interface Batch {
  readonly one: string
  readonly many: string
}

/** Measured: beyond 16 rows a statement nothing is gained, and each further length is one more statement to keep. */
export const BATCH_ROWS = 16

// Stand for parameters while a query is compiled.
const TEXT = ''
const COUNT = 0
const BYTES = new Uint8Array()

/** Compiles the queries. */
export function compileStatements(db: Kysely<Tables>, sql: typeof Sql): Statements {
  const clock = sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`
  const listed = sql<{ value: string }>`json_each(${TEXT})`.as('listed')
  // `cross join` fixes the order: each listed key is one look-up, whatever the planner guesses.
  const found = db.selectFrom(listed).crossJoin('state').whereRef('state.key', '=', 'listed.value')
  return {
    now: db.selectNoFrom(clock.as('now')).compile().sql,
    head: db
      .selectFrom(sql`(select 1)`.as('always'))
      .leftJoin('chain', (join) => join.on('chain.name', '=', TEXT))
      .select(clock.as('now'))
      .selectAll('chain')
      .compile().sql,
    heads: db.selectFrom('chain').selectAll().compile().sql,
    strayRecord: strayIn('record'),
    strayValue: strayIn('value'),
    entries: found.select(['state.key', 'state.value', 'state.version']).compile().sql,
    versions: found.select(['state.key', 'state.version']).compile().sql,
    ...compilePages(db),
    ...compileWrites(db, sql),
  }
}

// From name to name along the primary key, in its order: a few look-ups for each chain, however many rows it has.
function strayIn(table: 'record' | 'value'): string {
  return `with recursive
    named (chain) as (
      select min(chain) from ${table}
      union all
      select (select min(chain) from ${table} where chain > named.chain) from named where named.chain is not null
    ),
    first (chain, seq) as (
      select chain, (select min(seq) from ${table} where ${table}.chain = named.chain) from named where chain is not null
    )
    select first.chain, seq from first left join chain on chain.name = first.chain
    where chain.name is null or seq < 0
    limit 1`
}

function compilePages(db: Kysely<Tables>): Pick<Statements, 'page' | 'records' | 'values'> {
  return {
    page: db
      .selectFrom('state')
      .select(['key', 'value', 'version'])
      .where('key', '>=', TEXT)
      .where('key', '!=', TEXT)
      .where('key', '<', TEXT)
      .orderBy('key')
      .limit(COUNT)
      .compile().sql,
    records: db
      .selectFrom('record')
      .select(['seq', 'body', 'entry', 'sig'])
      .where('chain', '=', TEXT)
      .where('seq', '>=', COUNT)
      .orderBy('seq')
      .limit(COUNT)
      .compile().sql,
    values: db
      .selectFrom('value')
      .select(['seq', 'path', 'salt', 'value'])
      .where('chain', '=', TEXT)
      .where('seq', '>=', COUNT)
      .where('seq', '<', COUNT)
      .orderBy('seq')
      .orderBy('path')
      .compile().sql,
  }
}

type Write = 'takeVersions' | 'addRecords' | 'addValues' | 'putEntry' | 'dropEntry' | 'putHead'

function compileWrites(db: Kysely<Tables>, sql: typeof Sql): Pick<Statements, Write> {
  const record = { chain: TEXT, seq: COUNT, body: TEXT, entry: BYTES, sig: BYTES }
  const value = { chain: TEXT, seq: COUNT, path: TEXT, salt: BYTES, value: TEXT }
  const head = { name: TEXT, origin: TEXT, vkey: TEXT, size: COUNT, entry: BYTES, frontier: BYTES, version: COUNT }
  return {
    takeVersions: db
      .updateTable('meta')
      .set({ version: sql<number>`version + ${COUNT}` })
      .returning('version')
      .compile().sql,
    addRecords: batch((count) => db.insertInto('record').values(times(record, count)).compile().sql),
    addValues: batch((count) => db.insertInto('value').values(times(value, count)).compile().sql),
    putEntry: db
      .insertInto('state')
      .values({ key: TEXT, value: TEXT, version: COUNT })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((row) => ({
          value: row.ref('excluded.value'),
          version: row.ref('excluded.version'),
        })),
      )
      .compile().sql,
    dropEntry: db.deleteFrom('state').where('key', '=', TEXT).compile().sql,
    putHead: db.replaceInto('chain').values(head).compile().sql,
  }
}

function batch(compile: (count: number) => string): Batch {
  return { one: compile(1), many: compile(BATCH_ROWS) }
}

function times<Item>(item: Item, count: number): Item[] {
  return Array.from({ length: count }, () => item)
}
