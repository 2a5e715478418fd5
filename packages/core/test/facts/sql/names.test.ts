import { describe, expect, test } from 'vitest'
import { factsOf } from './reading.ts'

function tables(text: string): { reads: string; writes: string } {
  const { statements } = factsOf(text)
  const joined = (key: 'reads' | 'writes'): string => statements.flatMap((statement) => statement[key]).join(' ')
  return { reads: joined('reads'), writes: joined('writes') }
}

describe('the tables of a statement', () => {
  test.each([
    ['SELECT * FROM Billing.Invoices, "Users" u', 'billing.invoices Users', ''],
    ['SELECT * FROM db.billing.invoices', 'billing.invoices', ''],
    ['SELECT * FROM a WHERE x IN (SELECT y FROM b WHERE EXISTS (SELECT 1 FROM c))', 'a b c', ''],
    ['SELECT (SELECT max(x) FROM a), ARRAY(SELECT y FROM b) FROM c ORDER BY (SELECT 1 FROM d)', 'a b c d', ''],
    ['SELECT * FROM a JOIN LATERAL (SELECT * FROM b) s ON true', 'a b', ''],
    ['INSERT INTO a SELECT * FROM b', 'b', 'a'],
    ['UPDATE a SET x = (SELECT 1 FROM b) FROM c WHERE a.id = c.id', 'b c', 'a'],
    ['DELETE FROM a USING b WHERE a.id = b.id', 'b', 'a'],
    ['MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE', 'b', 'a'],
    ['TRUNCATE a, s.b', '', 'a s.b'],
    ['DROP TABLE a, s.b', '', 'a s.b'],
    ['DROP SCHEMA billing', '', 'billing.*'],
    ['DROP TRIGGER x ON s.a', '', 's.a'],
    ['GRANT SELECT ON a TO bob', '', 'a'],
    ['GRANT SELECT ON ALL TABLES IN SCHEMA billing TO bob', '', 'billing.*'],
    ['ALTER TABLE s.a ADD x int', '', 's.a'],
    ['SELECT * INTO made FROM a', 'a', 'made'],
    ['CREATE TABLE made AS SELECT * FROM a', 'a', 'made'],
    ['CREATE VIEW made AS SELECT * FROM a', 'a', 'made'],
    ['COPY a FROM STDIN', '', 'a'],
    ['COPY a TO STDOUT', 'a', ''],
    ['SELECT * FROM a FOR UPDATE', 'a', 'a'],
    ['LOCK TABLE a', '', 'a'],
    ['EXPLAIN DELETE FROM a', 'a', ''],
  ])('are-named-with-the-schema-that-is-written: %s', (text, reads, writes) => {
    expect(tables(text)).toEqual({ reads, writes })
  })

  test.each([
    ['WITH c AS (SELECT * FROM a) SELECT * FROM c', 'a'],
    ['WITH c AS (SELECT * FROM a) SELECT * FROM s.c', 'a s.c'],
    ['WITH c AS (SELECT * FROM c) SELECT * FROM c', 'c'],
    ['WITH RECURSIVE c AS (SELECT * FROM a UNION SELECT * FROM c) SELECT * FROM c', 'a'],
    ['WITH x AS (SELECT * FROM y), y AS (SELECT * FROM a) SELECT * FROM x', 'y a'],
    ['SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) s, c', 'c'],
    ['SELECT * FROM c WHERE x IN (WITH c AS (SELECT 1) SELECT * FROM c)', 'c'],
    ['WITH c AS (SELECT 1) SELECT * FROM a WHERE x IN (SELECT * FROM c)', 'a'],
  ])('are-not-the-ctes-in-sight-and-are-those-out-of-it: %s', (text, reads) => {
    expect(tables(text).reads).toBe(reads)
  })

  test('are-the-target-of-a-change-even-where-a-cte-has-that-name', () => {
    expect(tables('WITH c AS (SELECT 1) DELETE FROM c')).toEqual({ reads: '', writes: 'c' })
  })

  test.each([
    ['SELECT * FROM "analytics.secret"', '"analytics.secret"'],
    ['SELECT * FROM "a""b"', '"a""b"'],
    ['SELECT * FROM "billing.*"', '"billing.*"'],
    ['SELECT * FROM "x y"', '"x y"'],
    ['SELECT * FROM U&"d\\0061t"', 'dat'],
    ['SELECT * FROM "*".t', '"*".t'],
  ])('cannot-pass-for-others-by-dots-and-stars-in-their-names: %s', (text, name) => {
    expect(tables(text).reads).toBe(name)
  })
})

describe('the functions of a statement', () => {
  test.each([
    ['SELECT lower(a), pg_catalog.upper(b), s.f(c)', 'lower upper s.f'],
    ['SELECT extract(year FROM now()), a AT TIME ZONE b', 'extract now timezone'],
    ['SELECT PG_SLEEP(1)', 'pg_sleep'],
    ['SELECT "PG_SLEEP"(1)', 'PG_SLEEP'],
  ])('are-named-as-the-server-folds-them: %s', (text, names) => {
    expect(
      factsOf(text)
        .statements.flatMap(({ functions }) => functions)
        .join(' '),
    ).toBe(names)
  })
})

describe('the object of a statement', () => {
  test.each([
    ['DROP MATERIALIZED VIEW v', 'materialized view'],
    ['DROP SCHEMA s', 'schema'],
    ['DROP ROLE bob', 'role'],
    ['DROP DATABASE d', 'database'],
    ['ALTER VIEW v RENAME TO w', 'view'],
    ['ALTER SEQUENCE s OWNER TO bob', 'sequence'],
    ['TRUNCATE t', 'table'],
    ['GRANT USAGE ON SCHEMA s TO bob', 'schema'],
    ['CREATE PROCEDURE p() LANGUAGE sql AS $$SELECT 1$$', 'procedure'],
    ['CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)', 'aggregate'],
    ['COMMENT ON COLUMN t.a IS NULL', 'column'],
    ['SELECT 1', undefined],
  ])('is-told: %s', (text, object) => {
    expect(factsOf(text).statements[0]?.object).toBe(object)
  })
})
