import type { SqlEffect } from '../sql-facts.ts'

/**
 * Functions of PostgreSQL 15 to 18 that do more than read, by what they may do. What runs a text of SQL (`query_to_xml`,
 * `ts_stat`), or reads tables that it is told by name (`table_to_xml`), stands in no table: calling it is opaque.
 */
const FUNCTIONS: readonly (readonly [effects: readonly SqlEffect[], names: string])[] = [
  [
    ['read', 'file'],
    `pg_available_wal_summaries pg_current_logfile pg_get_wal_summarizer_state pg_hba_file_rules
    pg_ident_file_mappings pg_ls_archive_statusdir pg_ls_dir pg_ls_logdir pg_ls_logicalmapdir
    pg_ls_logicalsnapdir pg_ls_replslotdir pg_ls_summariesdir pg_ls_tmpdir pg_ls_waldir pg_read_binary_file
    pg_read_file pg_read_file_old pg_show_all_file_settings pg_stat_file pg_wal_summary_contents`,
  ],
  [['write', 'file'], `lo_export lo_import`],
  [
    ['write'],
    `lo_creat lo_create lo_from_bytea lo_open lo_put lo_truncate lo_truncate64 lo_unlink lowrite nextval
    pg_notify setval`,
  ],
  [['session'], `pg_export_snapshot pg_stat_clear_snapshot pg_stat_force_next_flush setseed`],
  [
    ['admin'],
    `brin_desummarize_range brin_summarize_new_values brin_summarize_range gin_clean_pending_list
    pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
    pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_backup_start pg_backup_stop pg_cancel_backend
    pg_clear_attribute_stats pg_clear_relation_stats pg_create_restore_point pg_log_backend_memory_contexts
    pg_log_standby_snapshot pg_logical_emit_message pg_nextoid pg_promote pg_reload_conf
    pg_restore_attribute_stats pg_restore_relation_stats pg_rotate_logfile pg_rotate_logfile_old
    pg_set_attribute_stats pg_set_relation_stats pg_sleep pg_sleep_for pg_sleep_until pg_start_backup
    pg_stat_reset pg_stat_reset_backend_stats pg_stat_reset_replication_slot pg_stat_reset_shared
    pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters pg_stat_reset_slru
    pg_stat_reset_subscription_stats pg_stop_backup pg_stop_making_pinned_objects pg_switch_wal
    pg_terminate_backend pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock
    pg_try_advisory_xact_lock_shared pg_wal_replay_pause pg_wal_replay_resume`,
  ],
  [
    ['read', 'file', 'admin'],
    `pg_copy_logical_replication_slot pg_copy_physical_replication_slot pg_create_logical_replication_slot
    pg_create_physical_replication_slot pg_drop_replication_slot pg_logical_slot_get_binary_changes
    pg_logical_slot_get_changes pg_logical_slot_peek_binary_changes pg_logical_slot_peek_changes
    pg_replication_origin_advance pg_replication_origin_create pg_replication_origin_drop
    pg_replication_slot_advance`,
  ],
  [['network', 'admin'], `pg_sync_replication_slots`],
  [
    ['session', 'admin'],
    `pg_replication_origin_session_reset pg_replication_origin_session_setup pg_replication_origin_xact_reset
    pg_replication_origin_xact_setup`,
  ],
  [['ddl'], `pg_extension_config_dump pg_import_system_collations`],
  [['os'], `fmgr_c_validator`],
  [
    ['ddl', 'admin'],
    `binary_upgrade_create_empty_extension binary_upgrade_set_missing_value
    binary_upgrade_set_next_array_pg_type_oid binary_upgrade_set_next_attribute_versions
    binary_upgrade_set_next_heap_pg_class_oid binary_upgrade_set_next_heap_relfilenode
    binary_upgrade_set_next_index_pg_class_oid binary_upgrade_set_next_index_relfilenode
    binary_upgrade_set_next_multirange_array_pg_type_oid binary_upgrade_set_next_multirange_pg_type_oid
    binary_upgrade_set_next_pg_authid_oid binary_upgrade_set_next_pg_enum_oid
    binary_upgrade_set_next_pg_tablespace_oid binary_upgrade_set_next_pg_type_oid
    binary_upgrade_set_next_toast_pg_class_oid binary_upgrade_set_next_toast_relfilenode
    binary_upgrade_set_record_init_privs`,
  ],
]

/** What each of those functions may do, by its name. */
export const EFFECTS_BY_FUNCTION: ReadonlyMap<string, readonly SqlEffect[]> = new Map(
  FUNCTIONS.flatMap(([effects, names]) => names.split(/\s+/).map((name) => [name, effects] as const)),
)
