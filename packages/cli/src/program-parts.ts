import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from './exit-code.ts'
import type { Terminal } from './output.ts'

/** Where the program says how it ended, and what commander itself has to say. */
export interface Report {
  done(code: ExitCode): void
  out(text: string): void
  err(text: string): void
}

/** What a command is added to, and what it talks to. */
export interface Parts {
  readonly root: Command
  readonly terminal: Terminal
  readonly report: Report
}

/** `--db`. */
export function databaseOption(): Option {
  const text = "the trail (SQLite file); CAPFENCE_DB, else the project's .capfence/capfence.db where left out"
  return new Option('--db <database>', text)
}

/** `--json`. */
export function jsonOption(): Option {
  return new Option('--json', 'print JSON lines, also for errors')
}

/** The value of an option that must be there. Commander would tell of a missing one before one that is misspelt. */
export function required<Value>(option: string, value: Value | undefined): Value {
  if (value === undefined) throw new InvalidArgumentError(`option '${option}' is missing`)
  return value
}
