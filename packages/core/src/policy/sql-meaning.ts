import type { SqlKind } from '../facts/sql/sql-facts.ts'

/** What a text of `contains` means on SQL: a kind of statement. */
export interface SqlMeaning {
  readonly kind: SqlKind
  /** What it drops, alters, creates. */
  readonly object: string | undefined
  /** A glob over the table that it names. */
  readonly table: string | undefined
}

/** Verbs that say what is done to an object: `DROP TABLE`. */
const ON_OBJECTS: ReadonlySet<string> = new Set<SqlKind>(['drop', 'alter', 'create'])
/** Verbs that take a word of their own before the table's name. */
const WITH_PREPOSITION: ReadonlyMap<string, SqlKind> = new Map([
  ['delete from', 'delete'],
  ['insert into', 'insert'],
  ['merge into', 'merge'],
  ['truncate table', 'truncate'],
  ['lock table', 'lock'],
])
/** Objects under their other names. */
const OBJECTS: ReadonlyMap<string, string> = new Map([
  ['table', 'table'],
  ['schema', 'schema'],
  ['database', 'database'],
  ['view', 'view'],
  ['materialized view', 'materialized view'],
  ['index', 'index'],
  ['sequence', 'sequence'],
  ['function', 'function'],
  ['procedure', 'procedure'],
  ['trigger', 'trigger'],
  ['type', 'type'],
  ['domain', 'domain'],
  ['extension', 'extension'],
  ['policy', 'policy'],
  ['publication', 'publication'],
  ['subscription', 'subscription'],
  ['server', 'server'],
  ['tablespace', 'tablespace'],
  ['role', 'role'],
  ['user', 'role'],
  ['group', 'role'],
])
/** A table's name without quotes. */
const NAME = /^[a-z_][a-z0-9_$]*(?:\.[a-z_][a-z0-9_$]*)?$/

/** The kind of statement that a text stands for, or undefined where it is a text like any other. */
export function sqlMeaning(text: string): SqlMeaning | undefined {
  const words = text.trim().toLowerCase().split(/\s+/)
  const [first = '', second = '', ...rest] = words
  if (words.length === 1) {
    return first === 'truncate' ? { kind: 'truncate', object: undefined, table: undefined } : undefined
  }
  const kind = WITH_PREPOSITION.get(`${first} ${second}`)
  if (kind !== undefined) return named({ kind, object: undefined }, rest)
  if (!ON_OBJECTS.has(first)) return undefined
  return onObject(first as SqlKind, words.slice(1)) // one of the three above
}

function onObject(kind: SqlKind, words: readonly string[]): SqlMeaning | undefined {
  for (const length of [2, 1]) {
    const object = OBJECTS.get(words.slice(0, length).join(' '))
    if (object !== undefined && length <= words.length) return named({ kind, object }, words.slice(length))
  }
  return undefined
}

function named(meaning: Omit<SqlMeaning, 'table'>, rest: readonly string[]): SqlMeaning | undefined {
  const [name, ...more] = rest
  if (name === undefined) return { ...meaning, table: undefined }
  return more.length === 0 && NAME.test(name) && isTable(meaning) ? { ...meaning, table: name } : undefined
}

// Only of tables are the names known.
function isTable({ object }: Omit<SqlMeaning, 'table'>): boolean {
  return object === undefined || object === 'table'
}
