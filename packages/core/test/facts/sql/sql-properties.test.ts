import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { whyUnparsed } from '../../../src/facts/sql/prescan.ts'
import { factsOf, reader } from './reading.ts'

// A machine that does much else at the same time takes its time.
const SLOW_MS = 60_000

const STATEMENTS = [
  'SELECT * FROM t',
  'SELECT pg_sleep(1)',
  "SELECT pg_read_file('x')",
  'SELECT mine()',
  "SELECT nextval('q')",
  'SELECT * FROM t FOR UPDATE',
  'INSERT INTO t VALUES (1)',
  'UPDATE t SET a = 1',
  'UPDATE t SET a = 1 WHERE id = 1',
  'DELETE FROM t RETURNING *',
  'DELETE FROM t WHERE 1 = 1',
  "WITH d AS (DELETE FROM s RETURNING *) SELECT lo_export(1, 'x') FROM d",
]
const COMMANDS = [
  'DROP TABLE t',
  'COMMIT',
  'GRANT a TO b',
  "COPY t TO '/x'",
  'SET ROLE x',
  'CALL p()',
  'VACUUM',
  "LOAD 'x'",
]

/** Ways to put a statement into another; each runs it. */
const WRAPPERS: readonly ((statement: string) => string)[] = [
  (statement) => `EXPLAIN ANALYZE ${statement}`,
  (statement) => `EXPLAIN (COSTS off, ANALYZE on) ${statement}`,
  (statement) => `PREPARE p AS ${statement}`,
  (statement) => `${statement}; SELECT 1`,
  (statement) => `SELECT 1; ${statement}`,
  (statement) => `/* ; -- */ ${statement} -- x`,
  (statement) => `;;${statement};`,
]

/** Ways that take what gives rows. */
const ROW_WRAPPERS: readonly ((statement: string) => string)[] = [
  ...WRAPPERS,
  (statement) => `WITH w AS (${statement}) SELECT * FROM x`,
  (statement) => `WITH RECURSIVE w AS (${statement}) INSERT INTO y SELECT * FROM w`,
  (statement) => `COPY (${statement}) TO STDOUT`,
]
const QUERY_WRAPPERS: readonly ((statement: string) => string)[] = [
  ...ROW_WRAPPERS,
  (statement) => `SELECT * FROM (${statement}) z`,
  (statement) => `(${statement})`,
  (statement) => `SELECT 1 WHERE EXISTS (${statement})`,
  (statement) => `SELECT ARRAY(${statement})`,
  (statement) => `UPDATE u SET a = (${statement}) WHERE id = 1`,
  (statement) => `INSERT INTO u (${statement})`,
  (statement) => `CREATE TABLE made AS ${statement}`,
  (statement) => `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ ${statement} $body$`,
  (statement) => `CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC ${statement}; END`,
  (statement) => `DECLARE c CURSOR FOR ${statement}`,
]

function known(text: string): { effects: ReadonlySet<string>; isOpaque: boolean } {
  const { statements, opaque } = factsOf(text)
  return { effects: new Set(statements.flatMap(({ effects }) => effects)), isOpaque: opaque.length > 0 }
}

/** Everything that the first may do, the second may do as well. */
function expectCovered(inner: string, outer: string): void {
  const [first, second] = [known(inner), known(outer)]
  if (second.isOpaque) return
  expect(first.isOpaque, outer).toBe(false)
  expect(
    [...first.effects].filter((effect) => !second.effects.has(effect)),
    outer,
  ).toEqual([])
}

const statement = fc.constantFrom(...STATEMENTS)
const anything = fc.constantFrom(...STATEMENTS, ...COMMANDS)

describe('whatever stands around a statement', { timeout: SLOW_MS }, () => {
  test('adding-a-statement-takes-no-effect-away', () => {
    fc.assert(
      fc.property(
        fc.array(anything, { minLength: 1, maxLength: 4 }),
        anything,
        fc.boolean(),
        (texts, added, isFirst) => {
          const outer = isFirst ? [added, ...texts] : [...texts, added]
          expectCovered(texts.join('; '), outer.join('; '))
        },
      ),
    )
  })

  test('wrapping-takes-no-effect-away', () => {
    const wrapped = fc.tuple(statement, fc.array(fc.nat(QUERY_WRAPPERS.length - 1), { minLength: 1, maxLength: 3 }))
    fc.assert(
      fc.property(wrapped, ([inner, path]) => {
        let text = inner
        for (const index of path) {
          const outer = QUERY_WRAPPERS[index]?.(text) ?? text
          if (factsOf(outer).opaque.includes('not SQL')) return
          expectCovered(text, outer)
          text = outer
        }
      }),
      { numRuns: 200 },
    )
  })

  test('each-way-of-wrapping-is-read', () => {
    for (const wrap of QUERY_WRAPPERS) expect(factsOf(wrap('SELECT a FROM t')).opaque, wrap('')).toEqual([])
    for (const wrap of ROW_WRAPPERS) expect(factsOf(wrap('DELETE FROM t RETURNING *')).opaque, wrap('')).toEqual([])
  })
})

describe('whatever the text is', { timeout: SLOW_MS }, () => {
  const piece = fc.constantFrom(
    ..."' \" $$ $a$ /* */ -- ; ( ) [ ] , E' \\ U&' :: + @- SELECT OR AND NOT a 1 $1 . CASE END é '' x$y".split(' '),
    'DELETE FROM t',
    ' ',
    '\n',
    '\t',
    '\u00a0',
  )

  test('never-throws-and-answers-the-same-twice', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        expect(factsOf(text)).toEqual(factsOf(text))
      }),
      { numRuns: 500 },
    )
  })

  // Where both take a text, they must cut it at the same places: else what one takes for a literal runs in the other.
  test('is-cut-into-literals-as-the-parser-cuts-it', () => {
    const inside = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(inside, (text) => {
        const whole = `SELECT ${text} \n`
        if (whyUnparsed(whole) !== undefined) return
        // A literal that only one of the two sees as open would swallow what follows, or let it out.
        const followed = `${whole}\n; DROP TABLE canary`
        const parsed = reader.parse(followed)
        if (parsed.kind === 'unread') return
        expect(whyUnparsed(followed)).toBeUndefined()
        expect(factsOf(followed).statements.some(({ kind }) => kind === 'drop')).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
