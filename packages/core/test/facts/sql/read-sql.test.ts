import { describe, expect, test } from 'vitest'
import { effectsOf, factsOf } from './reading.ts'

/** A text, the kinds of its statements, and its effects; `?` where something of it is opaque. */
type Row = readonly [text: string, kinds: string, effects: string]

const QUERIES: readonly Row[] = [
  ['SELECT a, count(*) FROM t GROUP BY a', 'select', 'read'],
  ['TABLE t', 'select', 'read'],
  ['VALUES (1), (2)', 'select', 'read'],
  ['SELECT 1 UNION ALL SELECT 2 FROM t', 'select', 'read'],
  ['WITH RECURSIVE r AS (SELECT 1 UNION SELECT a + 1 FROM r) SELECT * FROM r', 'select', 'read'],
  ["SELECT a->>'k', b::text, current_user, now(), x IS NULL, CASE WHEN a THEN b END FROM t", 'select', 'read'],
  ['SELECT * FROM t TABLESAMPLE system (10)', 'select', 'read'],
  ['SELECT sum(a) OVER (PARTITION BY b ORDER BY c) FROM t', 'select', 'read'],
  ["SELECT * FROM json_table('[1]'::jsonb, '$[*]' COLUMNS (a int PATH '$'))", 'select', 'read'],
  ["SELECT xmlelement(name a, 'b'), json_object('a': 1), extract(year FROM now())", 'select', 'read'],
  ['SHOW search_path', 'show', 'read'],
  ['SELECT * FROM t FOR UPDATE', 'select', 'read write'],
  ['SELECT * FROM (SELECT * FROM t FOR SHARE) s', 'select', 'read write'],
  ['SELECT * INTO made FROM t', 'create', 'ddl read write'],
  ['', '', ''],
  ['-- nothing', '', ''],
]

const CHANGES: readonly Row[] = [
  ['INSERT INTO t VALUES (1)', 'insert', 'write'],
  ['INSERT INTO t SELECT * FROM s', 'insert', 'read write'],
  ['INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1', 'insert', 'write'],
  ['INSERT INTO t SELECT * FROM t ON CONFLICT (id) DO UPDATE SET a = 1', 'insert', 'read unbounded write'],
  ['INSERT INTO t SELECT * FROM s WHERE s.id = 1 ON CONFLICT (id) DO UPDATE SET a = 1', 'insert', 'read write'],
  [
    'INSERT INTO t SELECT * FROM t ON CONFLICT (id) DO UPDATE SET a = 1 WHERE t.id = excluded.id',
    'insert',
    'read unbounded write',
  ],
  ['INSERT INTO t SELECT * FROM s ON CONFLICT (id) DO UPDATE SET a = 1 WHERE t.a = 5', 'insert', 'read write'],
  ['INSERT INTO t SELECT generate_series(1, 9) ON CONFLICT DO NOTHING', 'insert', 'read write'],
  ['UPDATE t SET a = 1 WHERE id = 1', 'update', 'write'],
  ['UPDATE t SET a = 1', 'update', 'unbounded write'],
  ['DELETE FROM t WHERE id = 1 RETURNING *', 'delete', 'read write'],
  ['DELETE FROM t', 'delete', 'unbounded write'],
  ['TRUNCATE t', 'truncate', 'unbounded write'],
  ['MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE', 'merge', 'read write'],
  ['MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE', 'merge', 'read unbounded write'],
  ['MERGE INTO t USING s ON false WHEN NOT MATCHED BY SOURCE THEN DELETE', 'merge', 'read unbounded write'],
  ['MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (1)', 'merge', 'read write'],
  ['WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d', 'select delete', 'read unbounded write'],
  ['WITH d AS (UPDATE t SET a = 1) INSERT INTO s VALUES (1)', 'insert update', 'unbounded write'],
  ["UPDATE pg_settings SET setting = 'off' WHERE name = 'x'", 'update', 'admin ddl privilege session write'],
  ['UPDATE pg_catalog.pg_authid SET rolsuper = true WHERE oid = 1', 'update', 'admin ddl privilege session write'],
]

const AROUND: readonly Row[] = [
  ['EXPLAIN SELECT * FROM t', 'explain', 'read'],
  ['EXPLAIN DELETE FROM t', 'explain', 'read'],
  ['EXPLAIN ANALYZE DELETE FROM t', 'explain delete', 'read unbounded write'],
  ['EXPLAIN (ANALYZE false) DELETE FROM t', 'explain', 'read'],
  ['EXPLAIN (ANALYZE false, ANALYZE) DELETE FROM t', 'explain delete', 'read unbounded write'],
  ['EXPLAIN (VERBOSE, ANALYZE 1) DELETE FROM t', 'explain delete', 'read unbounded write'],
  ['EXPLAIN (ANALYZE) CREATE TABLE x AS SELECT 1', 'explain create', 'ddl read write'],
  ['EXPLAIN ANALYZE EXECUTE p', 'explain execute', 'read?'],
  ['PREPARE p AS DELETE FROM t', 'prepare delete', 'session unbounded write'],
  ['EXECUTE p', 'execute', '?'],
  ['DECLARE c CURSOR FOR SELECT * FROM t', 'other select', 'read'],
  ['DECLARE c CURSOR WITH HOLD FOR SELECT nextval($$s$$)', 'other select', 'read session write'],
  ['FETCH ALL FROM c', 'other', 'read?'],
  ['COPY t TO STDOUT', 'copy', 'read'],
  ['COPY t FROM STDIN', 'copy', 'write'],
  ["COPY t TO '/tmp/x'", 'copy', 'file read'],
  ["COPY t FROM PROGRAM 'id'", 'copy', 'os write'],
  ["COPY (SELECT 1) TO PROGRAM 'sh'", 'copy select', 'os read'],
  ['COPY (DELETE FROM t RETURNING *) TO STDOUT', 'copy delete', 'read unbounded write'],
  ['COPY pg_authid FROM STDIN', 'copy', 'admin ddl privilege session write'],
  ['CREATE TABLE x AS SELECT * FROM t', 'create', 'ddl read write'],
  ['CREATE TABLE x AS EXECUTE p', 'create execute', 'ddl write?'],
  ['CREATE MATERIALIZED VIEW x AS SELECT * FROM t', 'create', 'ddl read write'],
  [
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM t; SELECT 1'",
    'create delete select',
    'ddl read unbounded write',
  ],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM'", 'create', 'ddl?'],
  [
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC DELETE FROM t; SELECT 1; END',
    'create delete select',
    'ddl read unbounded write',
  ],
  ['CREATE FUNCTION f() RETURNS int RETURN pg_sleep(1)', 'create select', 'admin ddl read'],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN END'", 'create', 'ddl?'],
  ["CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'sym'", 'create', 'ddl file os?'],
  [
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    'create select',
    'ddl privilege read',
  ],
  ['DO $$ BEGIN DROP TABLE t; END $$', 'do', '?'],
  ["DO LANGUAGE plpgsql 'BEGIN END'", 'do', '?'],
  ['CALL p(1)', 'call', '?'],
  ['CALL abs(1)', 'call', 'read?'],
  ['CREATE RULE r AS ON INSERT TO t DO INSTEAD DELETE FROM s', 'create delete', 'ddl unbounded write'],
  ['CREATE SCHEMA s CREATE TABLE t (a int) GRANT SELECT ON t TO bob', 'create create grant', 'ddl privilege'],
]

const COMMANDS: readonly Row[] = [
  ['CREATE TABLE t (a int DEFAULT 1 CHECK (a > 0), b int REFERENCES s)', 'create', 'ddl'],
  ["CREATE TABLE t (a int DEFAULT nextval('s'))", 'create', 'ddl write'],
  ['CREATE VIEW v AS SELECT * FROM t', 'create', 'ddl read'],
  ['CREATE UNIQUE INDEX ON t (lower(a))', 'create', 'ddl read'],
  ['CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()', 'create', 'ddl'],
  ["CREATE TYPE e AS ENUM ('a')", 'create', 'ddl'],
  ['ALTER TABLE t DROP COLUMN a', 'alter', 'ddl'],
  ['ALTER TABLE t OWNER TO bob', 'alter', 'ddl privilege'],
  ['ALTER TABLE t DISABLE ROW LEVEL SECURITY', 'alter', 'ddl privilege'],
  ["ALTER FOREIGN TABLE t OPTIONS (SET program 'id')", 'alter', 'ddl file network os'],
  ['ALTER TABLE t RENAME TO s', 'alter', 'ddl'],
  ['ALTER ROLE bob RENAME TO eve', 'alter', 'ddl privilege'],
  ['DROP TABLE IF EXISTS a.b, c CASCADE', 'drop', 'ddl'],
  ['DROP SCHEMA public CASCADE', 'drop', 'ddl'],
  ['DROP FUNCTION f(int)', 'drop', 'ddl'],
  ['COMMENT ON TABLE t IS $$x$$', 'comment', 'ddl'],
  ['GRANT SELECT ON t TO bob', 'grant', 'privilege'],
  ['REVOKE ALL ON SCHEMA s FROM bob', 'revoke', 'privilege'],
  ['GRANT admin TO bob', 'grant', 'privilege'],
  ['REVOKE admin FROM bob', 'revoke', 'privilege'],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO bob', 'alter', 'privilege'],
  ['CREATE ROLE bob SUPERUSER', 'create', 'privilege'],
  ['ALTER ROLE bob SET search_path = x', 'alter', 'privilege session'],
  ['DROP ROLE bob', 'drop', 'privilege'],
  ['DROP OWNED BY bob', 'drop', 'ddl privilege'],
  ['CREATE POLICY p ON t USING (true)', 'create', 'ddl privilege'],
  ["SECURITY LABEL ON TABLE t IS 'x'", 'other', 'ddl privilege'],
  ['CREATE EXTENSION plpython3u', 'create', 'ddl file os privilege'],
  ["LOAD 'x'", 'load', 'file os'],
  ["CREATE TABLESPACE x LOCATION '/x'", 'create', 'admin ddl file'],
  ['CREATE SERVER s FOREIGN DATA WRAPPER w', 'create', 'ddl network'],
  ['IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b', 'other', 'ddl network'],
  ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", 'create', 'ddl network write'],
  ['SET work_mem = 1', 'set', 'session'],
  ['SET ROLE bob', 'set', 'privilege session'],
  ['SET LOCAL SESSION AUTHORIZATION bob', 'set', 'privilege session'],
  ['RESET ROLE', 'set', 'privilege session'],
  ['RESET ALL', 'set', 'session'],
  ['SET TRANSACTION READ WRITE', 'set', 'session'],
  ['BEGIN', 'transaction', 'session'],
  ['COMMIT; DROP SCHEMA public CASCADE', 'transaction drop', 'ddl session'],
  ['ROLLBACK TO SAVEPOINT x', 'transaction', 'session'],
  ['DISCARD ALL', 'other', 'privilege session'],
  ['LISTEN x', 'other', 'session'],
  ['NOTIFY x', 'other', 'write'],
  ["ALTER SYSTEM SET archive_command = 'id'", 'alter', 'admin file'],
  ['DROP DATABASE x', 'drop', 'admin ddl'],
  ['VACUUM FULL t', 'vacuum', 'admin'],
  ['ANALYZE t', 'vacuum', 'admin'],
  ['CLUSTER t', 'other', 'admin'],
  ['CHECKPOINT', 'other', 'admin'],
  ['REINDEX TABLE t', 'other', 'admin ddl'],
  ['LOCK TABLE t', 'lock', 'admin'],
  ['REFRESH MATERIALIZED VIEW v', 'other', 'admin write'],
]

const CALLS: readonly Row[] = [
  ["SELECT pg_read_file('/etc/passwd')", 'select', 'file read'],
  ["SELECT * FROM pg_ls_dir('.')", 'select', 'file read'],
  ['SELECT * FROM pg_hba_file_rules', 'select', 'file read'],
  ["SELECT lo_export(1, '/x')", 'select', 'file read write'],
  ['SELECT lo_unlink(1)', 'select', 'read write'],
  ['SELECT pg_terminate_backend(1)', 'select', 'admin read'],
  ['SELECT pg_catalog.pg_reload_conf()', 'select', 'admin read'],
  ['SELECT pg_sleep(1)', 'select', 'admin read'],
  ['SELECT pg_advisory_lock(1)', 'select', 'admin read'],
  ["SELECT set_config('work_mem', '1', true)", 'select', 'read session'],
  ["SELECT set_config('Role', 'bob', true)", 'select', 'privilege read session'],
  ["SELECT set_config('ro' || 'le', 'bob', true)", 'select', 'privilege read session'],
  ["SELECT setval('s', 1)", 'select', 'read write'],
  ["SELECT pg_notify('a', 'b')", 'select', 'read write'],
  ["SELECT query_to_xml('drop table t', true, true, '')", 'select', 'read?'],
  ["SELECT table_to_xml('t', true, true, '')", 'select', 'read?'],
  ["SELECT dblink('x', 'drop table t')", 'select', 'read?'],
  ["SELECT ts_stat('select 1')", 'select', 'read?'],
  ['SELECT mine()', 'select', 'read?'],
  ['SELECT public.lower(a) FROM t', 'select', 'read?'],
  ['SELECT a OPERATOR(mine.+) b FROM t', 'select', 'read?'],
  ['SELECT a === b FROM t', 'select', 'read?'],
  ['SELECT * FROM t ORDER BY a USING OPERATOR(mine.<)', 'select', 'read?'],
  ['SELECT * FROM t TABLESAMPLE mine(1)', 'select', 'read?'],
  ['SELECT 1 WHERE pg_sleep(1) IS NULL', 'select', 'admin read'],
  ['SELECT count(*) FILTER (WHERE pg_sleep(1) IS NULL) FROM t', 'select', 'admin read'],
  ['SELECT 1 ORDER BY pg_sleep(1)', 'select', 'admin read'],
  ['SELECT 1 LIMIT length(pg_sleep(1)::text)', 'select', 'admin read'],
  ['SELECT a[pg_sleep(1)::text::int] FROM t', 'select', 'admin read'],
  ['SELECT rank() OVER (ORDER BY pg_sleep(1)) FROM t', 'select', 'admin read'],
  ['SELECT rank() OVER w FROM t WINDOW w AS (ORDER BY pg_sleep(1))', 'select', 'admin read'],
  ['SELECT * FROM t JOIN s ON pg_sleep(1) IS NULL', 'select', 'admin read'],
  ['SELECT * FROM ROWS FROM (pg_sleep(1), now()) x', 'select', 'admin read'],
  ['SELECT * FROM t, LATERAL (SELECT pg_sleep(1)) s', 'select', 'admin read'],
  ['INSERT INTO t VALUES (pg_sleep(1))', 'insert', 'admin write'],
  ['UPDATE t SET a = pg_sleep(1) WHERE id = 1', 'update', 'admin write'],
  ['DELETE FROM t WHERE id = 1 RETURNING pg_sleep(1)', 'delete', 'admin read write'],
  ['COPY t FROM STDIN WHERE pg_sleep(1) IS NULL', 'copy', 'admin write'],
  ['EXPLAIN SELECT pg_sleep(1)', 'explain', 'admin read'],
  ['CREATE TABLE t (a int CHECK (pg_sleep(1) IS NULL))', 'create', 'admin ddl'],
  ['ALTER TABLE t ALTER a TYPE text USING pg_sleep(1)', 'alter', 'admin ddl'],
  ['CREATE INDEX ON t (pg_sleep(a)) WHERE pg_sleep(1) IS NULL', 'create', 'admin ddl'],
  ['CREATE VIEW v AS SELECT pg_sleep(1)', 'create', 'admin ddl read'],
]

describe('what a statement may do', () => {
  test.each([...QUERIES, ...CHANGES, ...AROUND, ...COMMANDS, ...CALLS])(
    'names-the-kinds-and-the-effects: %s',
    (text, kinds, effects) => {
      const { statements } = factsOf(text)
      expect(`${statements.map(({ kind }) => kind).join(' ')} = ${effectsOf(text)}`).toBe(`${kinds} = ${effects}`)
    },
  )

  test.each([
    ['SELEC 1'],
    ['SELECT 1; DROP'],
    ["SELECT 'a"],
    ['SELECT 1 /* '],
    ['SELECT {a}'],
    ['/*! DROP TABLE t */ SELECT * FROM'],
  ])('takes-what-is-no-sql-as-opaque: %s', (text) => {
    expect(factsOf(text)).toEqual({ statements: [], opaque: [expect.any(String)] })
  })

  test('says-nothing-of-the-text-in-what-is-opaque', () => {
    for (const text of ['SELECT secret_name()', "SELECT 'secret_name", 'SELECT 1 secret_name secret_name']) {
      expect(factsOf(text).opaque.join(' ')).not.toContain('secret_name')
    }
  })

  test('reads-what-a-comment-only-of-mysql-hides-as-a-comment', () => {
    expect(effectsOf('SELECT 1 /*! ; DROP TABLE t */')).toBe('read')
  })
})
