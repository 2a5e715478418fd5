import { globMatches, type Reach } from '../../action/pattern.ts'
import type { SqlStatement } from '../../facts/sql/sql-facts.ts'
import type { SqlKeys } from '../model.ts'
import { every, FALSE, some, TRUE, type TruthValue, truthOf, UNKNOWN } from '../truth.ts'

/** Judges one statement. */
export type StatementTest = (statement: SqlStatement) => TruthValue

/** What `sql` says of one statement: Kleene's *and* of its keys. */
export function statementTest(keys: SqlKeys, reach: Reach): StatementTest {
  const tests = [...kindTests(keys), ...effectTests(keys), ...nameTests(keys, reach)]
  const { where } = keys
  if (where !== undefined) {
    tests.push((statement) => truthOf(where.some((each) => each === statement.where)))
  }
  return (statement) => every(tests, (test) => test(statement))
}

function kindTests({ kinds_any: any, kinds_only: only }: SqlKeys): readonly StatementTest[] {
  const isOneOf =
    (kinds: readonly string[]): StatementTest =>
    ({ kind }) =>
      truthOf(kinds.includes(kind))
  return [...(any === undefined ? [] : [isOneOf(any)]), ...(only === undefined ? [] : [isOneOf(only)])]
}

function effectTests({ effects_any: any, effects_only: only }: SqlKeys): readonly StatementTest[] {
  const tests: StatementTest[] = []
  if (any !== undefined) tests.push(({ effects }) => truthOf(effects.some((effect) => any.includes(effect))))
  if (only !== undefined) tests.push(({ effects }) => truthOf(effects.every((effect) => only.includes(effect))))
  return tests
}

function nameTests(keys: SqlKeys, reach: Reach): readonly StatementTest[] {
  const tests: StatementTest[] = []
  const { tables_any: anyTable, tables_only: onlyTables, functions_any: anyFunction } = keys
  if (anyTable !== undefined) {
    const matches = nameTest(anyTable, reach)
    tests.push(({ reads, writes }) => some([...reads, ...writes], matches))
  }
  if (onlyTables !== undefined) {
    const matches = nameTest(onlyTables, reach)
    tests.push(({ reads, writes }) => every([...reads, ...writes], matches))
  }
  if (anyFunction !== undefined) {
    const matches = nameTest(anyFunction, reach)
    tests.push(({ functions }) => some(functions, matches))
  }
  return tests
}

/**
 * Whether a name matches one of some globs, by segment from its end. A name without its schema may be in any: against a
 * glob with one it is unknown. A glob without a schema means the name in any schema where being true stops, and only the
 * bare name where it lets through.
 */
export function nameTest(globs: readonly string[], reach: Reach): (name: string) => TruthValue {
  const tests = globs.map((glob) => oneNameTest(glob, reach))
  return (name) => some(tests, (test) => test(name))
}

function oneNameTest(glob: string, reach: Reach): (name: string) => TruthValue {
  if (glob === '*' || glob === '*.*') return () => TRUE
  const wanted = glob.split('.').toReversed()
  return (name) => {
    const segments = name.split('.').toReversed()
    if (reach === 'narrow' && segments.length > wanted.length) return FALSE
    const shared = wanted.slice(0, segments.length)
    if (!shared.every((part, index) => segmentIs(part, segments[index] ?? '', reach))) return FALSE
    return segments.length < wanted.length && !isAnySchema(wanted.slice(segments.length)) ? UNKNOWN : TRUE
  }
}

function isAnySchema(rest: readonly string[]): boolean {
  return rest.every((part) => part === '*')
}

// A quoted name keeps its case; a rule that stops is not to be got round by it.
function segmentIs(glob: string, segment: string, reach: Reach): boolean {
  if (globMatches(glob, segment)) return true
  return reach === 'wide' && globMatches(glob.toLowerCase(), segment.toLowerCase())
}
