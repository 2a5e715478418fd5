import { type Fields, textOf } from './nodes.ts'

// Parts that would read as something else: as two parts, as a pattern, as nothing.
const PLAIN_PART = /^[^\s."*?[\]{}\\]+$/u

/** A name of one or more parts, `schema.table`. A part that holds a dot, a quote or a blank stands in quotes. */
export function sqlName(parts: readonly string[]): string {
  return parts.map((part) => (PLAIN_PART.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join('.')
}

/** The name of a table where it is written; a catalog can only be the database itself and is left out. */
export function tableName(relation: Fields): string {
  const schema = textOf(relation['schemaname'])
  const table = textOf(relation['relname'])
  return sqlName(schema === '' ? [table] : [schema, table])
}
