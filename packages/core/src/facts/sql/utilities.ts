import {
  readBody,
  readCall,
  readCopy,
  readCursor,
  readDo,
  readExplain,
  readHiddenQuery,
  readTableAs,
} from './nested-readers.ts'
import type { SqlEffect, SqlKind } from './sql-facts.ts'
import {
  readAlterTable,
  readCreateFunction,
  readDefault,
  readDefine,
  readDrop,
  readGrant,
  readRename,
  readSet,
} from './utility-readers.ts'
import type { StatementReader } from './walk.ts'

/** A statement other than a query or a change of rows: what it is, what it may do, and what it does it to. */
interface Utility {
  readonly kind: SqlKind
  readonly effects: readonly SqlEffect[]
  /** Undefined where the statement itself says what its object is, or has none. */
  readonly object: string | undefined
  readonly read: StatementReader
}

type Row = readonly [
  nodes: string,
  kind: SqlKind,
  effects: readonly SqlEffect[],
  object?: string | undefined,
  read?: StatementReader,
]

const ROWS: readonly Row[] = [
  // What is made, changed and dropped.
  ['CreateStmt', 'create', ['ddl'], 'table'],
  ['CreateTableAsStmt', 'create', ['ddl', 'write'], undefined, readTableAs],
  ['ViewStmt', 'create', ['ddl'], 'view'],
  ['CreateSchemaStmt', 'create', ['ddl'], 'schema'],
  ['IndexStmt', 'create', ['ddl'], 'index'],
  ['CreateSeqStmt', 'create', ['ddl'], 'sequence'],
  ['CreateStatsStmt', 'create', ['ddl'], 'statistics'],
  ['CreateDomainStmt', 'create', ['ddl'], 'domain'],
  ['CompositeTypeStmt CreateEnumStmt CreateRangeStmt', 'create', ['ddl'], 'type'],
  ['DefineStmt', 'create', ['ddl'], undefined, readDefine],
  ['CreateConversionStmt', 'create', ['ddl'], 'conversion'],
  ['CreateCastStmt', 'create', ['ddl'], 'cast'],
  ['CreateTransformStmt', 'create', ['ddl'], 'transform'],
  ['CreateOpClassStmt', 'create', ['ddl'], 'operator class'],
  ['CreateOpFamilyStmt', 'create', ['ddl'], 'operator family'],
  ['CreatePublicationStmt', 'create', ['ddl'], 'publication'],
  ['CreateFunctionStmt', 'create', ['ddl'], 'function', readCreateFunction],
  ['CreateTrigStmt', 'create', ['ddl'], 'trigger'],
  ['CreateEventTrigStmt', 'create', ['ddl', 'admin'], 'event trigger'],
  ['RuleStmt', 'create', ['ddl'], 'rule'],
  ['CreatePolicyStmt', 'create', ['ddl', 'privilege'], 'policy'],
  ['AlterTableStmt', 'alter', ['ddl'], undefined, readAlterTable],
  ['AlterPolicyStmt', 'alter', ['ddl', 'privilege'], 'policy'],
  ['AlterFunctionStmt', 'alter', ['ddl', 'privilege'], 'function'],
  ['AlterDomainStmt', 'alter', ['ddl'], 'domain'],
  ['AlterSeqStmt', 'alter', ['ddl', 'write'], 'sequence'],
  ['AlterEnumStmt AlterTypeStmt', 'alter', ['ddl'], 'type'],
  ['AlterStatsStmt', 'alter', ['ddl'], 'statistics'],
  ['AlterEventTrigStmt', 'alter', ['ddl', 'admin'], 'event trigger'],
  ['AlterCollationStmt', 'alter', ['ddl'], 'collation'],
  ['AlterOperatorStmt', 'alter', ['ddl'], 'operator'],
  ['AlterOpFamilyStmt', 'alter', ['ddl'], 'operator family'],
  ['AlterPublicationStmt', 'alter', ['ddl'], 'publication'],
  ['AlterTSDictionaryStmt AlterTSConfigurationStmt', 'alter', ['ddl', 'file'], 'text search'],
  ['AlterObjectDependsStmt AlterObjectSchemaStmt', 'alter', ['ddl']],
  ['RenameStmt', 'alter', ['ddl'], undefined, readRename],
  ['DropStmt', 'drop', ['ddl'], undefined, readDrop],
  ['TruncateStmt', 'truncate', ['write', 'unbounded'], 'table'],
  ['CommentStmt', 'comment', ['ddl']],
  ['RefreshMatViewStmt', 'other', ['write', 'admin'], 'materialized view'],
  // Who may do what.
  ['GrantStmt', 'grant', ['privilege'], undefined, readGrant],
  ['GrantRoleStmt', 'grant', ['privilege'], 'role', readGrant],
  ['AlterDefaultPrivilegesStmt', 'alter', ['privilege'], 'default privileges'],
  ['CreateRoleStmt', 'create', ['privilege'], 'role'],
  ['AlterRoleStmt', 'alter', ['privilege'], 'role'],
  ['AlterRoleSetStmt', 'alter', ['privilege', 'session'], 'role'],
  ['DropRoleStmt', 'drop', ['privilege'], 'role'],
  ['AlterOwnerStmt', 'alter', ['ddl', 'privilege']],
  ['ReassignOwnedStmt', 'alter', ['ddl', 'privilege'], 'owned'],
  ['DropOwnedStmt', 'drop', ['ddl', 'privilege'], 'owned'],
  ['SecLabelStmt', 'other', ['ddl', 'privilege']],
  // What reaches out of the database. An extension's script runs as its author likes, often as superuser.
  ['CreateExtensionStmt', 'create', ['ddl', 'privilege', 'file', 'os'], 'extension'],
  ['AlterExtensionStmt AlterExtensionContentsStmt', 'alter', ['ddl', 'privilege', 'file', 'os'], 'extension'],
  ['CreatePLangStmt', 'create', ['ddl', 'os'], 'language'],
  ['CreateAmStmt', 'create', ['ddl', 'os'], 'access method'],
  ['LoadStmt', 'load', ['file', 'os'], 'library'],
  ['CreateTableSpaceStmt', 'create', ['ddl', 'file', 'admin'], 'tablespace'],
  ['DropTableSpaceStmt', 'drop', ['ddl', 'file', 'admin'], 'tablespace'],
  ['AlterTableSpaceOptionsStmt', 'alter', ['ddl', 'admin'], 'tablespace'],
  ['AlterTableMoveAllStmt', 'alter', ['ddl', 'file', 'admin'], 'tablespace'],
  // A foreign table can be a file of the server, or a program that it runs.
  ['CreateForeignTableStmt', 'create', ['ddl', 'file', 'os', 'network'], 'foreign table'],
  ['CreateFdwStmt', 'create', ['ddl', 'file', 'os', 'network'], 'foreign data wrapper'],
  ['AlterFdwStmt', 'alter', ['ddl', 'file', 'os', 'network'], 'foreign data wrapper'],
  ['CreateForeignServerStmt', 'create', ['ddl', 'network'], 'server'],
  ['AlterForeignServerStmt', 'alter', ['ddl', 'network'], 'server'],
  ['ImportForeignSchemaStmt', 'other', ['ddl', 'network'], 'schema'],
  ['CreateUserMappingStmt', 'create', ['ddl', 'privilege', 'network'], 'user mapping'],
  ['AlterUserMappingStmt', 'alter', ['ddl', 'privilege', 'network'], 'user mapping'],
  ['DropUserMappingStmt', 'drop', ['ddl', 'privilege', 'network'], 'user mapping'],
  ['CreateSubscriptionStmt', 'create', ['ddl', 'write', 'network'], 'subscription'],
  ['AlterSubscriptionStmt', 'alter', ['ddl', 'write', 'network'], 'subscription'],
  ['DropSubscriptionStmt', 'drop', ['ddl', 'network'], 'subscription'],
  ['CopyStmt', 'copy', [], 'table', readCopy],
  // The session, and the transaction that may guard it.
  ['VariableSetStmt', 'set', ['session'], undefined, readSet],
  ['VariableShowStmt', 'show', ['read']],
  ['ConstraintsSetStmt', 'set', ['session']],
  ['TransactionStmt', 'transaction', ['session']],
  ['DiscardStmt', 'other', ['privilege', 'session']],
  ['ListenStmt UnlistenStmt ClosePortalStmt DeallocateStmt', 'other', ['session']],
  ['NotifyStmt', 'other', ['write']],
  // The server.
  ['AlterSystemStmt', 'alter', ['file', 'admin'], 'system', readDefault],
  ['CreatedbStmt', 'create', ['ddl', 'admin'], 'database'],
  ['DropdbStmt', 'drop', ['ddl', 'admin'], 'database'],
  ['AlterDatabaseStmt AlterDatabaseRefreshCollStmt', 'alter', ['ddl', 'admin'], 'database'],
  ['AlterDatabaseSetStmt', 'alter', ['ddl', 'session', 'admin'], 'database'],
  ['VacuumStmt', 'vacuum', ['admin']],
  ['ClusterStmt CheckPointStmt', 'other', ['admin']],
  ['ReindexStmt', 'other', ['ddl', 'admin'], 'index'],
  ['LockStmt', 'lock', ['admin'], 'table'],
  // Statements around statements, and texts that run.
  ['ExplainStmt', 'explain', ['read'], undefined, readExplain],
  ['PrepareStmt', 'prepare', ['session'], undefined, readBody],
  ['DeclareCursorStmt', 'other', ['read'], undefined, readCursor],
  ['ReturnStmt', 'select', ['read']],
  ['ExecuteStmt', 'execute', [], undefined, readHiddenQuery],
  ['FetchStmt', 'other', ['read'], undefined, readHiddenQuery],
  ['CallStmt', 'call', [], undefined, readCall],
  ['DoStmt', 'do', [], undefined, readDo],
]

/** How each of those statements is read, by the name of its node. */
export const UTILITIES: readonly (readonly [node: string, known: { kind: SqlKind; read: StatementReader }])[] =
  ROWS.flatMap(([nodes, kind, effects, object, read = readDefault]) =>
    nodes.split(' ').map((node) => [node, { kind, read: reader({ kind, effects, object, read }) }] as const),
  )

function reader({ effects, object, read }: Utility): StatementReader {
  return (fields, place, walk) => {
    for (const effect of effects) place.draft.effects.add(effect)
    place.draft.object = object
    read(fields, place, walk)
  }
}
