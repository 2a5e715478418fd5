import type { Links } from '../../kernel/files.ts'
import type { CommandReader, FactReaders, SqlTextReader } from '../fact-readers.ts'
import type { PolicyModel } from '../model.ts'

/**
 * What a policy reads arguments with. Commands are read under every policy, for any event may have one and its plan must
 * not depend on the rules; SQL only where a tool declares its dialect.
 */
export async function loadReaders({ tools }: PolicyModel, links: Links | undefined): Promise<FactReaders> {
  const hasSql = [...tools.values()].some(({ dialect }) => dialect === 'postgres')
  const [shell, sql] = await Promise.all([loadCommandReader(), hasSql ? loadSqlTextReader() : undefined])
  return { shell, sql, links }
}

async function loadCommandReader(): Promise<CommandReader> {
  const [{ loadShellReader }, { readArgv, readShell }] = await Promise.all([
    import('../../facts/shell/shell-reader.ts'),
    import('../../facts/shell/read-shell.ts'),
  ])
  const reader = await loadShellReader()
  return { line: (text) => readShell(text, reader), argv: (argv) => readArgv(argv, reader) }
}

async function loadSqlTextReader(): Promise<SqlTextReader> {
  const [{ loadSqlReader }, { readSql }] = await Promise.all([
    import('../../facts/sql/sql-reader.ts'),
    import('../../facts/sql/read-sql.ts'),
  ])
  const reader = await loadSqlReader()
  return { text: (text) => readSql(text, reader) }
}
