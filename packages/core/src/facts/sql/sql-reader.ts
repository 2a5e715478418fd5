import { CapFenceError } from '../../kernel/errors.ts'
import { type Fields, fieldsOf, listOf } from './nodes.ts'

/** What the parser says of a text: its statements, or why there are none. */
type Parsed =
  | { readonly kind: 'statements'; readonly statements: readonly Fields[] }
  | { readonly kind: 'unread'; readonly why: string }

/** PostgreSQL's own parser, loaded. Each answer is a function of the text alone, until the parser itself fails. */
export interface SqlReader {
  readonly parse: (text: string) => Parsed
}

/** What a parser throws at a text that is no SQL. Anything else that it throws is a fault of its own. */
const SYNTAX_ERROR = 'SqlError'

/** Loads PostgreSQL's parser, once for as long as the reader lives; refused where it cannot be loaded. */
export async function loadSqlReader(): Promise<SqlReader> {
  try {
    const parser = await import('libpg-query')
    await parser.loadModule()
    return sqlReader(parser.parseSync)
  } catch (cause) {
    throw new CapFenceError('PARSER_MISSING', 'the parser of PostgreSQL cannot be loaded (package `libpg-query`)', {
      cause,
    })
  }
}

/**
 * A reader over a parser. After a fault inside the parser (its memory ran out, its stack overflowed) nobody knows what
 * state it is in, so that it is never asked again: from then on every text is unread.
 */
export function sqlReader(parse: (text: string) => unknown): SqlReader {
  let isBroken = false
  return {
    parse: (text) => {
      if (isBroken) return { kind: 'unread', why: 'the parser failed on an earlier text' }
      try {
        return statementsOf(parse(text))
      } catch (cause) {
        if (cause instanceof Error && cause.name === SYNTAX_ERROR) return { kind: 'unread', why: 'not SQL' }
        isBroken = true
        return { kind: 'unread', why: 'the parser failed' }
      }
    },
  }
}

function statementsOf(tree: unknown): Parsed {
  const statements = fieldsOf(tree)['stmts']
  if (!Array.isArray(statements)) return { kind: 'unread', why: 'no statement' }
  return { kind: 'statements', statements: listOf(statements).map((raw) => fieldsOf(fieldsOf(raw)['stmt'])) }
}
