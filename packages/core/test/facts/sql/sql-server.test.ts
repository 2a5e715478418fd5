import { afterAll, describe, expect, test } from 'vitest'
import { factsOf } from './reading.ts'
import { scratchDatabase } from './scratch-server.ts'

const database = scratchDatabase()
const ROLE = database?.role ?? ''
const FILE = database?.file ?? ''

afterAll(() => database?.drop())

/** What can be seen to have happened. */
const HAPPENED = ['rows', 'all-rows', 'relations', 'privileges', 'session', 'locks', 'file'] as const
type Happened = (typeof HAPPENED)[number]

const OF_THE_SESSION: ReadonlySet<string> = new Set(['session', 'locks'])

/** By which effects each of them is covered. */
const COVERED_BY: Readonly<Record<Happened, readonly string[]>> = {
  rows: ['write', 'ddl'],
  'all-rows': ['unbounded', 'ddl'],
  relations: ['ddl'],
  privileges: ['privilege'],
  session: ['session'],
  locks: ['admin', 'ddl', 'unbounded'],
  file: ['file', 'os'],
}

const SETUP = `
  DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;
  DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '${ROLE}') THEN DROP OWNED BY "${ROLE}"; DROP ROLE "${ROLE}"; END IF;
    CREATE ROLE "${ROLE}";
  END $$;
  CREATE TABLE t (id int PRIMARY KEY, a int, name text, active bool, created timestamptz DEFAULT '2020-01-01');
  CREATE TABLE s (id int, x int);
  INSERT INTO t SELECT n, n, 'n' || n, n % 2 = 0 FROM generate_series(1, 20) n;
  INSERT INTO s SELECT n, n FROM generate_series(1, 20) n;
  CREATE SEQUENCE q;
  CREATE VIEW v AS SELECT id FROM t WHERE id < 3;
  CREATE PROCEDURE wipe() LANGUAGE sql AS 'DELETE FROM t';
  CREATE FUNCTION wiping() RETURNS int LANGUAGE sql AS 'DELETE FROM t; SELECT 1';
  CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`

// Each a line, so that what differs can be told; what was dropped is told as missing.
const STATE = [
  "SELECT 'rows ' || coalesce(string_agg(id || ':' || coalesce(a, -1), ',' ORDER BY id), 'none') FROM t",
  "SELECT 'rows-s ' || count(*) || ' ' || coalesce(sum(x), 0) FROM s",
  "SELECT 'rows-q ' || last_value || is_called FROM q",
  `SELECT 'relations ' || md5(string_agg(d, ',' ORDER BY d)) FROM (
     SELECT concat(relname, relkind, reltablespace, relhasrules, relhastriggers) AS d FROM pg_class WHERE relnamespace = 'public'::regnamespace
     UNION ALL SELECT 'f' || proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
     UNION ALL SELECT 't' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
     UNION ALL SELECT 'n' || nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp'
     UNION ALL SELECT concat('c', attrelid, attname, atttypid) FROM pg_attribute WHERE attnum > 0 AND attrelid IN ('t'::regclass, 's'::regclass)
     UNION ALL SELECT 'd' || description FROM pg_description WHERE objoid = 't'::regclass
     UNION ALL SELECT 'e' || extname FROM pg_extension) x`,
  `SELECT 'privileges ' || md5(string_agg(d, ',' ORDER BY d)) FROM (
     SELECT concat(rolname, rolsuper, rolcreaterole, rolconfig) AS d FROM pg_roles WHERE rolname LIKE '${ROLE}%'
     UNION ALL SELECT concat(relname, pg_get_userbyid(relowner), relacl, relrowsecurity) FROM pg_class WHERE relname IN ('t', 's')
     UNION ALL SELECT concat('n', nspacl) FROM pg_namespace WHERE nspname = 'public'
     UNION ALL SELECT concat('m', member) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = '${ROLE}')
     UNION ALL SELECT 'p' || polname FROM pg_policy
     UNION ALL SELECT concat('d', defaclacl) FROM pg_default_acl) x`,
  `SELECT 'file ' || coalesce((pg_stat_file('${FILE}', true)).size::text, 'none')`,
]

const SESSION = [
  `SELECT 'session ' || concat_ws('|', current_user, session_user, current_setting('transaction_read_only'),
     (SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings WHERE source = 'session'),
     (SELECT string_agg(name, ',') FROM pg_prepared_statements), (SELECT string_agg(name, ',') FROM pg_cursors WHERE name <> ''),
     (SELECT string_agg(c, ',') FROM pg_listening_channels() c), current_setting('capfence.x', true))`,
  `SELECT 'locks ' || coalesce(string_agg(locktype || mode, ',' ORDER BY mode), 'none') FROM pg_locks
     WHERE pid = pg_backend_pid() AND (locktype = 'advisory' OR mode IN ('ShareLock', 'ExclusiveLock', 'AccessExclusiveLock') AND locktype = 'relation')`,
]

const SLOW_MS = 60_000

interface Case {
  readonly text: string
  /** Run in the same session before it. */
  readonly before: string | undefined
}

// Only what a case has changed is made anew.
const world = { isFresh: false }

function happenedIn({ text, before = 'SELECT' }: Case): ReadonlySet<Happened> {
  if (database === undefined) throw new Error('no server')
  const setup = world.isFresh ? [] : [`COPY (SELECT 1) TO PROGRAM 'rm -f ${FILE}'`, SETUP]
  const back = ['ROLLBACK', 'RESET SESSION AUTHORIZATION', 'RESET ROLE']
  const texts = [...setup, ...STATE, before, ...SESSION, "SELECT '--'", text, ...SESSION, ...back, ...STATE]
  const lines = database.run(texts).split('\n')
  const border = lines.lastIndexOf('--')
  const old = stateOf(lines.slice(0, border))
  const now = stateOf(lines.slice(border + 1))
  if (old.size !== STATE.length + SESSION.length) throw new Error(`a state that cannot be read: ${lines.join(' ')}`)
  const happened = new Set([...old.keys()].flatMap((name) => happenedTo(name, old, now)))
  if (isEachRowGone(old, now)) happened.add('all-rows')
  world.isFresh = happened.size === 0
  return happened
}

type State = ReadonlyMap<string, string>

// Where it can no longer be asked for, what it is about was dropped, or the session's transaction was broken off.
function happenedTo(name: string, old: State, now: State): readonly Happened[] {
  const happening = HAPPENED.find((each) => each === name.split('-')[0]) ?? 'rows'
  const found = now.get(name)
  if (found === undefined) return OF_THE_SESSION.has(happening) ? [] : ['relations']
  if (found === old.get(name) || (happening === 'privileges' && !now.has('rows'))) return []
  return [happening]
}

function isEachRowGone(old: State, now: State): boolean {
  const kept = new Set(now.get('rows')?.split(','))
  return (
    now.has('rows') &&
    old
      .get('rows')
      ?.split(',')
      .every((row) => !kept.has(row)) === true
  )
}

function stateOf(lines: readonly string[]): State {
  return new Map(
    lines.flatMap((line) => {
      const [whole, name, value] = /^([a-z]+(?:-[a-z])?) (.*)$/.exec(line) ?? []
      return whole === undefined ? [] : [[name ?? '', value ?? ''] as const]
    }),
  )
}

function uncovered(text: string, happened: ReadonlySet<Happened>): readonly Happened[] {
  const { statements, opaque } = factsOf(text)
  const effects = new Set<string>(statements.flatMap((statement) => statement.effects))
  if (opaque.length > 0) return []
  return [...happened].filter((each) => !COVERED_BY[each].some((effect) => effects.has(effect)))
}

/** A text, and what at least must have been seen to happen; nothing where it only reads. */
const CASES: readonly (readonly [text: string, happens: string, before?: string])[] = [
  ['SELECT * FROM t', ''],
  ['EXPLAIN DELETE FROM t', ''],
  ['DELETE FROM t WHERE id = 1', 'rows'],
  ['DELETE FROM t', 'rows all-rows'],
  ['DELETE FROM t WHERE 1 = 1', 'rows all-rows'],
  ['DELETE FROM t WHERE id IN (SELECT id FROM t)', 'all-rows'],
  // `pg_class` has no `id`: the name is the outer table's, and every row equals itself.
  ['DELETE FROM t WHERE id IN (SELECT id FROM pg_class)', 'all-rows'],
  ['DELETE FROM t WHERE EXISTS (SELECT count(*) FROM s WHERE s.id = t.id AND false)', 'all-rows'],
  ['DELETE FROM t WHERE id = 1 OR 1.5::int = 2', 'all-rows'],
  ["DELETE FROM t WHERE id = 1 OR '2020-01-01'::date = '2020-1-1'::date", 'all-rows'],
  ["DELETE FROM t WHERE tableoid = 't'::regclass", 'all-rows'],
  ['DELETE FROM t WHERE t IS NOT NULL', 'all-rows'],
  ['DELETE FROM t WHERE id <> 0', 'all-rows'],
  ['DELETE FROM t WHERE active IN (true, false)', 'all-rows'],
  ["DELETE FROM t WHERE name LIKE '%'", 'all-rows'],
  ['DELETE FROM t USING t z WHERE t.id = z.id', 'all-rows'],
  ['DELETE FROM t USING s WHERE s.id = 1', 'all-rows'],
  ['WITH c AS (SELECT id FROM t) DELETE FROM t USING c WHERE t.id = c.id', 'all-rows'],
  ['WITH d AS (DELETE FROM t RETURNING *) SELECT count(*) FROM d', 'all-rows'],
  ['UPDATE t SET a = 0', 'all-rows'],
  ['UPDATE t SET a = 0 WHERE id * 0 = 0', 'all-rows'],
  ['UPDATE t SET a = 0 FROM (SELECT generate_series(1, 20) AS id FROM s) z WHERE t.id = z.id', 'all-rows'],
  ['UPDATE t SET a = 0 WHERE coalesce(NULL, true)', 'all-rows'],
  ['UPDATE t SET a = 0 WHERE id < 5 OR id >= 5', 'all-rows'],
  ['INSERT INTO t SELECT * FROM t ON CONFLICT (id) DO UPDATE SET a = 0', 'all-rows'],
  ['MERGE INTO t USING s ON true AND s.id = 1 WHEN MATCHED THEN UPDATE SET a = 0', 'all-rows'],
  ['TRUNCATE t', 'all-rows'],
  ['EXPLAIN ANALYZE DELETE FROM t', 'all-rows'],
  ['EXPLAIN (ANALYZE off, ANALYZE) DELETE FROM t', 'all-rows'],
  ['EXPLAIN (ANALYZE, COSTS off) INSERT INTO s VALUES (1)', 'rows'],
  ['PREPARE p AS DELETE FROM t; EXECUTE p', 'all-rows session'],
  ['EXECUTE p', 'all-rows', 'PREPARE p AS DELETE FROM t'],
  ["COPY (DELETE FROM t RETURNING *) TO '/dev/null'", 'all-rows'],
  ['CALL wipe()', 'all-rows'],
  ['SELECT wiping()', 'all-rows'],
  ['DO $$ BEGIN EXECUTE $q$ DELETE FROM t $q$; END $$', 'all-rows'],
  ["SELECT nextval('q')", 'rows'],
  ["SELECT query_to_xml('DELETE FROM t RETURNING 1', true, true, '')", ''],
  ['COMMIT; DROP SCHEMA public CASCADE', 'relations session', 'BEGIN TRANSACTION READ ONLY'],
  ['ROLLBACK; DELETE FROM t', 'all-rows session', 'BEGIN TRANSACTION READ ONLY'],
  ['SELECT * INTO made FROM t', 'relations'],
  ['CREATE TABLE made AS SELECT 1', 'relations'],
  ['CREATE TABLE made (a int)', 'relations'],
  ['CREATE SCHEMA made CREATE TABLE x (a int)', 'relations'],
  ['CREATE VIEW made AS SELECT 1', 'relations'],
  ["CREATE FUNCTION made() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'relations'],
  ['CREATE TRIGGER made BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION later()', 'relations'],
  ['CREATE RULE made AS ON INSERT TO t DO INSTEAD DELETE FROM s', 'relations'],
  ['ALTER TABLE t ADD made int', 'relations'],
  ["COMMENT ON TABLE t IS 'x'", 'relations'],
  ['DROP TABLE t CASCADE', 'relations'],
  ['DROP VIEW v', 'relations'],
  [`GRANT SELECT ON t TO "${ROLE}"`, 'privileges'],
  [`ALTER TABLE t OWNER TO "${ROLE}"`, 'privileges'],
  [`ALTER ROLE "${ROLE}" SUPERUSER`, 'privileges'],
  [`UPDATE pg_authid SET rolsuper = true WHERE rolname = '${ROLE}'`, 'privileges'],
  [`GRANT pg_monitor TO "${ROLE}"`, 'privileges'],
  ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', 'privileges'],
  ['CREATE POLICY p ON t USING (true)', 'privileges'],
  [`ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "${ROLE}"`, 'privileges'],
  [`SET ROLE "${ROLE}"`, 'session'],
  ['RESET ROLE', 'session', `SET ROLE "${ROLE}"`],
  ['DISCARD ALL', 'session', `SET ROLE "${ROLE}"`],
  [`SELECT set_config('role', '${ROLE}', false)`, 'session'],
  ["UPDATE pg_settings SET setting = '123' WHERE name = 'work_mem'", 'session'],
  ["SET capfence.x = 'y'", 'session'],
  ['LISTEN x', 'session'],
  ['DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'session'],
  ['SELECT pg_advisory_lock(1)', 'locks'],
  ['LOCK TABLE s IN EXCLUSIVE MODE', 'locks', 'BEGIN'],
  [`COPY t TO '${FILE}'`, 'file'],
  [`COPY (SELECT 1) TO PROGRAM 'cat > ${FILE}'`, 'file'],
  [`SELECT lo_export(4242, '${FILE}')`, 'file', "SELECT lo_from_bytea(4242, 'x')"],
  ['/* a */ SELECT 1; -- b\nDELETE/**/FROM t', 'all-rows'],
  ["SELECT E'\\'; DELETE FROM s; --'; DELETE FROM t", 'all-rows'],
  ["SELECT $a$ '; $a$; DELETE FROM t; SELECT '$b$'", 'all-rows'],
]

describe.skipIf(database === undefined)('a real server', () => {
  test.each(CASES.map(([text, happens, before]) => ({ text, happens, before })))(
    'does-nothing-that-the-facts-do-not-name: $text',
    ({ text, happens, before }) => {
      const happened = happenedIn({ text, before })
      const expected = happens.split(' ').filter((each) => each !== '')
      expect([...happened]).toEqual(expect.arrayContaining(expected))
      if (happens === '') expect([...happened]).toEqual([])
      expect(uncovered(text, happened)).toEqual([])
    },
    SLOW_MS,
  )
})
