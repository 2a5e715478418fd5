import { readSql } from '../../../src/facts/sql/read-sql.ts'
import type { SqlFacts } from '../../../src/facts/sql/sql-facts.ts'
import { loadSqlReader } from '../../../src/facts/sql/sql-reader.ts'

/** One reader for a test file. */
export const reader = await loadSqlReader()

/** What a text means. */
export function factsOf(text: string): SqlFacts {
  return readSql(text, reader)
}

/** Every effect of a text, sorted and joined; with `?` where some of it is opaque. */
export function effectsOf(text: string): string {
  const { statements, opaque } = factsOf(text)
  const effects = new Set(statements.flatMap(({ effects: own }) => own))
  return [...effects].toSorted().join(' ') + (opaque.length > 0 ? '?' : '')
}
