import { describe, expect, test } from 'vitest'
import { MAX_COMMENTS, MAX_LENGTH, MAX_STATEMENTS, MAX_TERMS, MAX_TOKENS } from '../../../src/facts/sql/prescan.ts'
import { readSql } from '../../../src/facts/sql/read-sql.ts'
import { sqlReader } from '../../../src/facts/sql/sql-reader.ts'
import { MAX_DEPTH, MAX_PARENTHESES } from '../../../src/facts/sql/tree-depth.ts'
import { factsOf, reader } from './reading.ts'

/** Texts that kill or freeze a parser that is given them, and that ours must never be given. */
const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['100,000 ORs', `SELECT 1 WHERE a = 1${' OR a = 1'.repeat(100_000)}`],
  ['10,000 ORs that fit the length', `SELECT 1 WHERE a${' OR a'.repeat(10_000)}`],
  ['a literal of 10 MB', `SELECT '${'a'.repeat(10_000_000)}'`],
  ['20,000 pluses', `SELECT 1${'+1'.repeat(20_000)}`],
  ['10,000 NOTs', `SELECT ${'NOT '.repeat(10_000)}true`],
  ['10,000 minus signs', `SELECT ${'- '.repeat(10_000)}1`],
  ['10,000 casts', `SELECT 1${'::int'.repeat(10_000)}`],
  ['10,000 parentheses', `SELECT ${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
  ['5,000 sub-queries', `${'SELECT ('.repeat(5_000)}1${')'.repeat(5_000)}`],
  ['5,000 UNIONs', `SELECT 1${' UNION SELECT 1'.repeat(4_000)}`],
  ['4,000 JOINs', `SELECT 1 FROM a${' CROSS JOIN a'.repeat(4_000)}`],
  ['3,000 CASEs', `SELECT ${'CASE WHEN '.repeat(2_500)}true${' THEN 1 END'.repeat(2_500)}`],
  ['CASEs with ANDs between', `SELECT ${'CASE WHEN a AND '.repeat(1_000)}true${' THEN true END'.repeat(1_000)}`],
  ['10,000 COLLATEs', `SELECT a${' COLLATE "C"'.repeat(5_000)}`],
  ['10,000 IS NULLs', `SELECT a${' ISNULL'.repeat(9_000)}`],
  ['10,000 subscripts', `SELECT a${'['.repeat(5_000)}1${']'.repeat(5_000)}`],
  ['16,000 comments', `${'/**/'.repeat(16_000)}SELECT 1`],
  ['16,000 comments in one another', `${'/*'.repeat(16_000)}${'*/'.repeat(16_000)}SELECT 1`],
  ['many statements', 'SELECT 1;'.repeat(7_000)],
  ['many values', `INSERT INTO t VALUES (1)${',(1)'.repeat(15_000)}`],
]

describe('a text beyond the bounds', () => {
  test.each(HOSTILE)('is-opaque-and-the-next-one-is-read: %s', (_what, text) => {
    expect(factsOf(text)).toEqual({ statements: [], opaque: [expect.any(String)] })
    expect(factsOf('DELETE FROM t WHERE id = 1').statements[0]?.where).toBe('selects')
  })

  test.each([
    ['a NUL', 'SELECT 1 \0; DROP TABLE t'],
    ['a NUL in a literal', "SELECT '\0'; DROP TABLE t"],
    ['a lone surrogate', "SELECT '\uD800'"],
    ['a backslash before a quote', "SELECT 'x\\'; DROP TABLE t; --'"],
    ['a backslash before two quotes', "SELECT 'x\\'' || '; DROP TABLE t; --'"],
    ['one after a literal with escapes', "SELECT E'a'\n'b\\'; DROP TABLE t; --'"],
    ['a literal without an end', "SELECT 'a"],
    ['a dollar quote without an end', 'SELECT $a$ $b$'],
    ['a comment without an end', 'SELECT 1 /* /* */'],
  ])('has-no-part-that-is-read: %s', (_what, text) => {
    expect(factsOf(text)).toEqual({ statements: [], opaque: [expect.any(String)] })
  })

  test('is-read-up-to-them', () => {
    const read = [
      `SELECT '${'a'.repeat(MAX_LENGTH - 9)}'`,
      `SELECT 1 WHERE a${' OR a'.repeat(MAX_TERMS)}`,
      `SELECT ${'('.repeat(MAX_PARENTHESES - 1)}1${')'.repeat(MAX_PARENTHESES - 1)}`,
      `SELECT 1${'+1'.repeat(MAX_DEPTH - 1)}`,
      `SELECT 1${',1'.repeat(MAX_TOKENS / 2 - 1)}`,
      `SELECT -1${',-1'.repeat(3_000)}`,
      `SELECT 1 ${'/**/'.repeat(MAX_COMMENTS)}`,
      'SELECT 1;'.repeat(MAX_STATEMENTS),
      `SELECT 1 ${'--\n'.repeat(10_000)}`,
      "SELECT E'\\'', 'a''b', $x$ ' $x$, \"a\"\"b\", U&'\\0061', B'1' /* /* */ ' */ -- '",
    ]
    for (const text of read) expect(factsOf(text).opaque, text.slice(0, 20)).toEqual([])
    const refused = [
      `SELECT '${'a'.repeat(MAX_LENGTH - 8)}'`,
      `SELECT 1 WHERE a${' OR a'.repeat(MAX_TERMS + 1)}`,
      `SELECT ${'('.repeat(MAX_PARENTHESES)}1${')'.repeat(MAX_PARENTHESES)}`,
      `SELECT 1${'+1'.repeat(MAX_DEPTH)}`,
      `SELECT 1${',1'.repeat(MAX_TOKENS / 2)}`,
    ]
    for (const text of refused) expect(factsOf(text).opaque, text.slice(0, 20)).toHaveLength(1)
  })

  test('has-no-more-ctes-than-are-read', () => {
    const ctes = (count: number): string => Array.from({ length: count }, (_none, at) => `c${at} AS (SELECT 1)`).join()
    expect(factsOf(`WITH ${ctes(200)} SELECT 1`).opaque).toEqual([])
    expect(factsOf(`WITH ${ctes(201)} SELECT 1`).opaque).toHaveLength(1)
    expect(factsOf(`WITH ${ctes(201)} DELETE FROM t`).statements[0]?.effects).toContain('unbounded')
  })

  test('in-a-text-of-the-text-is-opaque-too', () => {
    const deep = `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $a$ SELECT 1${'+1'.repeat(MAX_DEPTH)} $a$`
    expect(factsOf(deep).opaque).toHaveLength(1)
    const nested = [1, 2, 3].reduce(
      (inner, level) =>
        `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $${'a'.repeat(level)}$ ${inner} $${'a'.repeat(level)}$`,
      'DROP TABLE t',
    )
    expect(factsOf(nested).opaque).toHaveLength(1)
  })
})

describe('a parser that fails', () => {
  test('is-never-asked-again', () => {
    let asked = 0
    const broken = sqlReader(() => {
      asked += 1
      if (asked === 2) throw new RangeError('Maximum call stack size exceeded')
      return reader.parse('SELECT 1').kind === 'statements' ? { stmts: [] } : undefined
    })
    expect(readSql('SELECT 1', broken).opaque).toEqual([])
    expect(readSql('SELECT 1', broken).opaque).toHaveLength(1)
    expect(readSql('SELECT 1', broken).opaque).toHaveLength(1)
    expect(asked).toBe(2)
  })

  test('is-not-taken-for-one-that-found-no-sql', () => {
    const odd = sqlReader(() => 'a text')
    expect(readSql('SELECT 1', odd)).toEqual({ statements: [], opaque: [expect.any(String)] })
  })

  test('is-not-what-a-syntax-error-is', () => {
    expect(factsOf('SELEC').opaque).toHaveLength(1)
    expect(factsOf('SELECT 1').opaque).toEqual([])
  })
})
