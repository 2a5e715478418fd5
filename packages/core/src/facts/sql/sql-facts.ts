/** Kinds of statements: a closed set. */
export const SQL_KINDS = [
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'truncate',
  'drop',
  'alter',
  'create',
  'grant',
  'revoke',
  'copy',
  'load',
  'attach',
  'set',
  'call',
  'do',
  'explain',
  'prepare',
  'execute',
  'transaction',
  'vacuum',
  'lock',
  'comment',
  'pragma',
  'use',
  'show',
  'other',
] as const

/** One of the kinds. */
export type SqlKind = (typeof SQL_KINDS)[number]

/** What a statement may do: a closed set. */
export const SQL_EFFECTS = [
  'read',
  'write',
  'unbounded',
  'ddl',
  'privilege',
  'session',
  'file',
  'os',
  'network',
  'admin',
] as const

/** One of the effects. */
export type SqlEffect = (typeof SQL_EFFECTS)[number]

/** One statement, also where it stands inside another (a CTE, EXPLAIN ANALYZE, PREPARE, COPY, a body). */
export interface SqlStatement {
  readonly kind: SqlKind
  /**
   * Tables, `schema.table` where a schema is written, else `table`, which the search path can find in any schema; folded
   * as the dialect folds names. A part that holds a dot, a star, a quote or a blank stands in double quotes. `schema.*`
   * stands for all tables of a schema that is dropped or granted on.
   */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** `missing`, `constant` (true or false whatever the row, or in doubt), or `selects`; undefined where a WHERE means nothing. */
  readonly where: 'missing' | 'constant' | 'selects' | undefined
  /** Functions that it calls, as its tables are named; `pg_catalog` is left out. */
  readonly functions: readonly string[]
  /** What it may do. What is `unbounded` is a `write` as well; what is opaque is not in here. */
  readonly effects: readonly SqlEffect[]
  /** What it drops, alters, truncates, grants on: `table`, `schema`, `role`, …; undefined where that means nothing. */
  readonly object: string | undefined
}

/** What an SQL text means. */
export interface SqlFacts {
  readonly statements: readonly SqlStatement[]
  /** Why what could not be read; empty where all was. Holds nothing of the text. */
  readonly opaque: readonly string[]
}
