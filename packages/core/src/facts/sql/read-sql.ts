import { type Draft, draftOf, finished } from './draft.ts'
import { visitorOf, visitUnnamed } from './expressions.ts'
import { type Fields, fieldsOf, kindOf, listOf, textOf, fieldsOfKind } from './nodes.ts'
import { whyUnparsed } from './prescan.ts'
import type { SqlFacts } from './sql-facts.ts'
import type { SqlReader } from './sql-reader.ts'
import { STATEMENTS } from './statements.ts'
import type { Ctes, Place, Walk } from './walk.ts'

/** The most parts of the tree that are looked at. */
const MAX_STEPS = 200_000
/** How deep texts of SQL may stand in one another. */
const MAX_SCRIPTS = 3
/** The most CTEs of one statement. */
const MAX_CTES = 200
const NO_CTES: Ctes = new Map()

/**
 * What an SQL text means to PostgreSQL, statement by statement, also those inside others. Deterministic, bounded, and
 * honest: what it cannot read for certain is named in `opaque` and may do anything.
 *
 * What only the database knows is not in the text: what views, triggers, rules, domains, column defaults and casts run;
 * that `t.f` is a function of the row, not a column; and that a schema of the search path has a function or operator of
 * its own that fits an unqualified call better than the built-in one of that name. Who may create those can make a name
 * mean more than is read here, and `pg_catalog.lower(x)` is the form that nobody can.
 */
export function readSql(text: string, reader: SqlReader): SqlFacts {
  // In the order in which statements begin: one that stands inside another follows it.
  const drafts: Draft[] = []
  const opaque = new Set<string>()
  let steps = 0
  let scripts = 0

  const walk: Walk = {
    hide: (why) => void opaque.add(why),
    statement: (node, ctes) => {
      const kind = kindOf(fieldsOf(node))
      const known = kind === undefined ? undefined : STATEMENTS.get(kind)
      if (kind === undefined || known === undefined) return walk.hide('a statement of an unknown kind')
      const draft = draftOf(known.kind)
      drafts.push(draft)
      known.read(fieldsOf(fieldsOf(node)[kind]), { draft, ctes, tables: 'read' }, walk)
    },
    visit: (part, place) => {
      steps += 1
      if (steps > MAX_STEPS) return walk.hide('more parts than are looked at')
      if (Array.isArray(part)) for (const each of part) walk.visit(each, place)
      else if (typeof part === 'object' && part !== null) visitNode(part as Fields, place, walk)
    },
    script: (inner) => {
      const why = scripts >= MAX_SCRIPTS ? 'texts of SQL deeper in one another than are read' : whyUnparsed(inner)
      if (why !== undefined) return walk.hide(why)
      const parsed = inner.trim() === '' ? EMPTY : reader.parse(inner)
      if (parsed.kind === 'unread') return walk.hide(parsed.why)
      scripts += 1
      for (const node of parsed.statements) walk.statement(node, NO_CTES)
      scripts -= 1
    },
  }

  walk.script(text)
  return { statements: drafts.map(finished), opaque: [...opaque] }
}

// What stands in these is read apart.
const SEEN: ReadonlySet<string> = new Set(['withClause', 'intoClause'])
const EMPTY = { kind: 'statements', statements: [] } as const

function visitNode(node: Fields, place: Place, walk: Walk): void {
  const kind = kindOf(node)
  if (kind === undefined) return visitUnnamed(node, place, walk) === 'done' ? undefined : descend(node, place, walk)
  const visitor = visitorOf(kind)
  if (visitor !== undefined) {
    const fields = fieldsOf(node[kind])
    return visitor(fields, place, walk) === 'done' ? undefined : descend(fields, place, walk)
  }
  if (STATEMENTS.has(kind)) walk.statement(node, place.ctes)
  else walk.hide('a part of an unknown kind')
}

function descend(fields: Fields, place: Place, walk: Walk): void {
  const inner = 'withClause' in fields ? withCtes(fieldsOf(fields['withClause']), place, walk) : place
  for (const name in fields) {
    const part = fields[name]
    if (typeof part === 'object' && !SEEN.has(name)) walk.visit(part, inner)
  }
}

// A CTE sees those before it; with RECURSIVE it sees them all, itself as well.
function withCtes(clause: Fields, place: Place, walk: Walk): Place {
  const known = listOf(clause['ctes']).map((each) => fieldsOfKind(each, 'CommonTableExpr') ?? {})
  if (known.length > MAX_CTES) walk.hide('more CTEs than are read')
  const ctes = new Map(place.ctes)
  const declare = (cte: Fields): void => void ctes.set(textOf(cte['ctename']), fieldsOf(cte['ctequery']))
  if (clause['recursive'] === true) known.forEach(declare)
  for (const cte of known.slice(0, MAX_CTES)) {
    walk.visit(cte['ctequery'], { ...place, ctes: new Map(ctes), tables: 'read' })
    declare(cte)
  }
  return { ...place, ctes }
}
