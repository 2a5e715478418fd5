import type { ShellFacts } from '../facts/shell/shell-facts.ts'
import type { SqlFacts } from '../facts/sql/sql-facts.ts'
import type { Links } from '../kernel/files.ts'

/** Reads commands. Total: what it cannot read is opaque. */
export interface CommandReader {
  /** A line for bash. */
  readonly line: (text: string) => ShellFacts
  /** A program and its words, as they are given to the system. */
  readonly argv: (argv: readonly string[]) => ShellFacts
}

/** Reads SQL of one dialect. Total: what it cannot read is opaque. */
export interface SqlTextReader {
  readonly text: (text: string) => SqlFacts
}

/** What a policy reads arguments with. Where one is missing, what it would read is unknown. */
export interface FactReaders {
  readonly shell: CommandReader | undefined
  /** For PostgreSQL. */
  readonly sql: SqlTextReader | undefined
  /** The machine that holds the files; without it, paths are read by their text alone. */
  readonly links: Links | undefined
}

/** Reads nothing: every command and every query is unknown. */
export const NO_READERS: FactReaders = { shell: undefined, sql: undefined, links: undefined }
