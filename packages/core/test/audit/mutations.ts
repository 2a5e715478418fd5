import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

/** A change of one thing in a database, or undefined where it would change nothing. */
export interface Mutation {
  readonly table: string
  /** The row's key in the state, or what else helps to find it. */
  readonly where: string
  readonly what: string
}

/** Numbers from 0 to below a bound, the same for the same seed. */
export type Draw = (below: number) => number

/** A small generator (mulberry32): a seed makes a mutation that anyone can make again. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const TABLES = ['record', 'record', 'record', 'value', 'value', 'chain', 'state'] as const
const HOWS = ['byte', 'byte', 'byte', 'drop a byte', 'add a byte', 'empty', 'delete', 'swap', 'copy'] as const
const KEYS: Readonly<Record<(typeof TABLES)[number], readonly string[]>> = {
  record: ['chain', 'seq'],
  value: ['chain', 'seq', 'path'],
  chain: ['name'],
  state: ['key'],
}

type Row = Readonly<Record<string, SQLOutputValue>>

/** Changes one thing: a byte, a number or a whole column, the place of a row, or whether it is there. */
export function mutate(db: DatabaseSync, draw: Draw): Mutation | undefined {
  const table = pick(TABLES, draw)
  const rows = db.prepare(`SELECT * FROM ${table}`).all() as readonly Row[]
  const row = pick(rows, draw)
  const how = pick(HOWS, draw)
  const at = { db, table, rows, row, draw }
  const where = KEYS[table].map((key) => String(row[key])).join(' ')
  const what = attempt(() => change(at, how))
  return what === undefined ? undefined : { table, where, what }
}

interface At {
  readonly db: DatabaseSync
  readonly table: (typeof TABLES)[number]
  readonly rows: readonly Row[]
  readonly row: Row
  readonly draw: Draw
}

function change(at: At, how: (typeof HOWS)[number]): string {
  const { db, table, rows, row, draw } = at
  const keys = KEYS[table]
  if (how === 'delete') {
    db.prepare(`DELETE FROM ${table} WHERE ${matching(keys)}`).run(...keys.map((key) => row[key] ?? null))
    return 'delete'
  }
  const column = pick(Object.keys(row), draw)
  if (how === 'swap' || how === 'copy') {
    const other = pick(rows, draw)
    if (how === 'swap') set(at, other, { column, value: null, isParked: true })
    set(at, row, { column, value: other[column] ?? null })
    if (how === 'swap')
      set({ ...at, row: parked(other, column) }, parked(other, column), { column, value: row[column] ?? null })
    return `${how} ${column} with ${keys.map((key) => String(other[key])).join(' ')}`
  }
  const value = row[column] ?? null
  const next = typeof value === 'number' ? number(value, draw) : bytes(value, how, draw)
  set(at, row, { column, value: next })
  return `${how} in ${column}`
}

// A swap goes by way of a value that no other row has, so that unique columns can be exchanged too.
const PARKED = 900_000_001
function parked(row: Row, column: string): Row {
  return { ...row, [column]: park(row[column] ?? null) }
}
function park(value: SQLOutputValue): SQLOutputValue {
  if (typeof value === 'number') return PARKED
  return typeof value === 'string' ? String(PARKED) : new Uint8Array(9)
}

interface Put {
  readonly column: string
  readonly value: SQLOutputValue
  readonly isParked?: boolean
}

function set({ db, table }: At, row: Row, { column, value, isParked }: Put): void {
  const keys = KEYS[table]
  const next = isParked === true ? park(row[column] ?? null) : value
  const isText = typeof row[column] === 'string'
  const target = isText ? 'CAST(? AS TEXT)' : '?'
  db.prepare(`UPDATE ${table} SET ${column} = ${target} WHERE ${matching(keys)}`).run(
    next,
    ...keys.map((key) => row[key] ?? null),
  )
}

function matching(keys: readonly string[]): string {
  return keys.map((key) => `${key} = ?`).join(' AND ')
}

function number(value: number, draw: Draw): number {
  return pick([value + 1, value - 1, 0, draw(1_000_000), -1], draw)
}

function bytes(value: SQLOutputValue, how: string, draw: Draw): Uint8Array<ArrayBuffer> {
  const old = Buffer.from(typeof value === 'string' ? value : (value as Uint8Array)) // only numbers are neither
  const at = draw(Math.max(1, old.length))
  const flip = 1 + draw(255)
  if (how === 'empty') return new Uint8Array()
  if (how === 'drop a byte') return Uint8Array.of(...old.subarray(0, at), ...old.subarray(at + 1))
  if (how === 'add a byte') return Uint8Array.of(...old.subarray(0, at), draw(256), ...old.subarray(at))
  return Uint8Array.from(old, (byte, index) => (index === at ? byte ^ flip : byte))
}

// What the schema itself refuses is no mutation.
function attempt(work: () => string): string | undefined {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof Error && 'errcode' in cause) return undefined
    throw cause
  }
}

function pick<Item>(items: readonly Item[], draw: Draw): Item {
  const item = items[draw(items.length)]
  if (item === undefined) throw new Error('nothing to choose from')
  return item
}

/** All that the tables hold, row by row under the table and its key; whatever lies in pages that nobody reads is left out. */
export function dump(db: DatabaseSync): ReadonlyMap<string, string> {
  const schema = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name').all()
  const found = new Map([['schema all', JSON.stringify(schema)]])
  for (const { name } of db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()) {
    const table = String(name)
    const keys = KEYS[table as keyof typeof KEYS] ?? ['rowid'] // the migrator's tables have rowids
    for (const row of rowsOf(db, `SELECT ${'rowid' === keys[0] ? 'rowid, ' : ''}* FROM "${table}"`)) {
      const place = `${table} ${keys.map((key) => String(row[key])).join(' ')}`
      const text = JSON.stringify({ ...row, version: 0 }, asList)
      found.set(place, place.startsWith('state request/') ? text.replace(SALT, UNSALTED) : text)
    }
  }
  return found
}

const SALT = /\\"salt\\":\\"[0-9a-f]{32}/
const UNSALTED = `\\"salt\\":\\"${'0'.repeat(32)}`

// As far as the table can be read: of one that is damaged, the rest is missing.
function rowsOf(db: DatabaseSync, query: string): readonly Row[] {
  const rows: Row[] = []
  try {
    for (const row of db.prepare(query).iterate()) rows.push(row)
  } catch (cause) {
    if (!(cause instanceof Error) || !('errcode' in cause)) throw cause
  }
  return rows
}

function asList(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value
}

/** The table and key of each row that two dumps do not share. */
export function differences(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...left.keys(), ...right.keys()])].filter((place) => left.get(place) !== right.get(place))
}

/** What queries like the engine's give of the main chain, and all state but versions. */
export function readers(db: DatabaseSync): string {
  return JSON.stringify(
    [
      `SELECT sql FROM sqlite_schema ORDER BY name`,
      `SELECT name, origin, vkey, size, entry, frontier FROM chain`,
      `SELECT seq, body, entry, sig FROM record WHERE chain = 'main' AND seq >= 0 ORDER BY seq LIMIT 256`,
      `SELECT seq, path, salt, value FROM value WHERE chain = 'main' AND seq >= 0 AND seq < 256 ORDER BY seq, path`,
      `SELECT key, value FROM state WHERE key >= '' ORDER BY key`,
    ].map((query) => db.prepare(query).all()),
    asList,
  )
}
