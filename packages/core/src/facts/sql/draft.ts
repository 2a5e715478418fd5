import { SQL_EFFECTS, type SqlEffect, type SqlKind, type SqlStatement } from './sql-facts.ts'

/** A statement while it is read. */
export interface Draft {
  kind: SqlKind
  where: SqlStatement['where']
  object: string | undefined
  readonly reads: Set<string>
  readonly writes: Set<string>
  readonly functions: Set<string>
  readonly effects: Set<SqlEffect>
}

/** An empty statement of a kind. */
export function draftOf(kind: SqlKind): Draft {
  return {
    kind,
    where: undefined,
    object: undefined,
    reads: new Set(),
    writes: new Set(),
    functions: new Set(),
    effects: new Set(),
  }
}

/** The statement that a draft has become. What reads a table has the effect `read` as well. */
export function finished(draft: Draft): SqlStatement {
  const { kind, where, object, effects } = draft
  if (draft.reads.size > 0) effects.add('read')
  return {
    kind,
    reads: [...draft.reads],
    writes: [...draft.writes],
    where,
    functions: [...draft.functions],
    effects: SQL_EFFECTS.filter((effect) => effects.has(effect)),
    object,
  }
}
