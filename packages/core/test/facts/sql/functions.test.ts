import { afterAll, describe, expect, test } from 'vitest'
import { READING_FUNCTIONS } from '../../../src/facts/sql/functions/postgres-reading.ts'
import { EFFECTS_BY_FUNCTION } from '../../../src/facts/sql/functions/postgres.ts'
import { effectsOf } from './reading.ts'
import { scratchDatabase } from './scratch-server.ts'

const database = scratchDatabase()
afterAll(() => database?.drop())

const READING = new Set(READING_FUNCTIONS.split(/\s+/))

/** Volatile functions that change nothing and reach nowhere; each was looked at. */
const HARMLESS_VOLATILE =
  /^(clock_timestamp|currval|current_query|gen_random_uuid|lastval|lo_(close|get|lseek(64)?|tell(64)?)|loread|pg_blocking_pids|pg_(database_)?collation_actual_version|pg_control_\w+|pg_current_wal_\w+|pg_(database|indexes|relation|table|tablespace|total_relation)_size|pg_get_(backend_memory_contexts|multixact_members|shmem_allocations|wal_replay_pause_state|aios|loaded_modules|sequence_data|\w*stats?\w*)|pg_is_(in_recovery|wal_replay_paused)|pg_isolation_test_session_is_blocked|pg_jit_available|pg_last_\w+|pg_lock_status|pg_notification_queue_usage|pg_partition_(ancestors|tree)|pg_prepared_xact|pg_replication_origin_(progress|session_is_setup|session_progress)|pg_safe_snapshot_blocking_pids|pg_sequence_last_value|pg_show_replication_origin_status|pg_stat_get_\w+|pg_stat_have_stats|pg_xact_\w+|random|random_normal|timeofday|txid_status|uuidv[47]|array_(sample|shuffle))$/

describe.skipIf(database === undefined)('the functions of a real server', () => {
  test('of-those-taken-for-reading-none-is-volatile-but-the-ones-that-were-looked-at', () => {
    const volatile = database?.run([
      "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v'",
    ])
    const names = (volatile ?? '').split('\n')
    expect(names.length).toBeGreaterThan(100)
    expect(names.filter((name) => READING.has(name) && !HARMLESS_VOLATILE.test(name))).toEqual([])
  })

  test('that-compute-and-are-immutable-are-all-known', () => {
    const common = database?.run([
      `SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile <> 'v'
         AND NOT proargtypes::oid[] && ARRAY['internal'::regtype, 'cstring'::regtype, 'cstring[]'::regtype]::oid[]
         AND prorettype NOT IN ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype)`,
    ])
    const unknown = (common ?? '').split('\n').filter((name) => !READING.has(name) && !EFFECTS_BY_FUNCTION.has(name))
    // Those that read what the text does not name.
    expect(
      unknown.filter((name) => !/_handler$|^fmgr_|^(table|schema|database)_to_xml|^ts_rewrite$/.test(name)),
    ).toEqual([])
  })
})

describe('the tables of functions', () => {
  test('name-no-function-twice', () => {
    expect([...EFFECTS_BY_FUNCTION.keys()].filter((name) => READING.has(name))).toEqual([])
  })

  test.each([
    'query_to_xml',
    'cursor_to_xml',
    'database_to_xml',
    'table_to_xml',
    'ts_stat',
    'ts_rewrite',
    'dblink',
    'dblink_exec',
    'xpath_table',
    'crosstab',
  ])('leave-out-what-runs-a-text: %s', (name) => {
    expect(effectsOf(`SELECT ${name}('x')`)).toBe('read?')
    expect(effectsOf(`SELECT * FROM ${name}('x')`)).toBe('read?')
  })

  test.each([
    ['pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file pg_hba_file_rules lo_import lo_export', 'file'],
    ['lo_create lo_put lo_unlink lowrite nextval setval pg_notify', 'write'],
    ['pg_terminate_backend pg_cancel_backend pg_reload_conf pg_rotate_logfile pg_switch_wal pg_promote', 'admin'],
    [
      'pg_sleep pg_sleep_for pg_advisory_lock pg_try_advisory_xact_lock pg_stat_reset pg_drop_replication_slot',
      'admin',
    ],
    ['pg_import_system_collations binary_upgrade_create_empty_extension', 'ddl'],
    ['setseed pg_export_snapshot pg_replication_origin_session_setup', 'session'],
  ])('know-what-reaches-out-of-the-tables: %s', (names, effect) => {
    for (const name of names.split(' ')) expect(effectsOf(`SELECT ${name}()`).split(' '), name).toContain(effect)
  })

  test('know-no-function-by-the-names-that-objects-inherit', () => {
    for (const name of ['constructor', 'tostring', '"toString"', '__proto__', '"hasOwnProperty"']) {
      expect(effectsOf(`SELECT ${name}(1)`), name).toBe('read?')
    }
  })
})
