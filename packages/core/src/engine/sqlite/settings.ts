import { CapFenceError } from '../../kernel/errors.ts'
import type { Database } from './database.ts'

/** Settings by name, each with the value that it must have. */
export type Settings = Readonly<Record<string, string | number>>

/** What every connection needs. */
export const READER_SETTINGS: Settings = {
  // A wait inside SQLite freezes the event loop.
  busy_timeout: 0,
  // Functions in a schema that somebody else wrote run nothing but what is harmless.
  trusted_schema: 0,
}

/** What a connection that commits needs besides. */
export const WRITER_SETTINGS: Settings = {
  journal_mode: 'wal',
  // FULL: each commit is on the disk before it is answered.
  synchronous: 2,
  // On macOS, an fsync that reaches the platters; nothing elsewhere.
  fullfsync: 1,
  checkpoint_fullfsync: 1,
  // What is erased is overwritten, not just unlinked.
  secure_delete: 1,
  // KiB, negative: call identities are hashes, so that commits touch pages all over their tree.
  cache_size: -16_384,
}

/** Sets and reads back: a file system or a build that cannot keep a setting must not look as if it could. */
export function demandAll(database: Pick<Database, 'all'>, settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    database.all(`pragma ${name} = ${String(value)}`)
    const found = pragma(database, name)
    if (found === value) continue
    const message = `SQLite keeps \`${name}\` at \`${String(found)}\`, not \`${String(value)}\`; put the database on a local disk`
    throw new CapFenceError('ENGINE_FAILED', message)
  }
}

/** The value of a setting. */
export function pragma(database: Pick<Database, 'all'>, name: string): unknown {
  const [row] = database.all(`pragma ${name}`)
  return row === undefined ? undefined : Object.values(row)[0]
}
