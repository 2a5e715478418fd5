import type { StateEntry } from '../../approval/state-store.ts'
import type { ChainHead, StoredRecord, StoredValue } from '../../audit/chain-store.ts'
import { concat } from '../../kernel/bytes.ts'
import type { VersionedHead } from '../../runtime/base-db-engine.ts'
import type { Row, SqlValue } from './database.ts'
import type { Tables } from './schema.ts'
import { textOf } from './stored-text.ts'

const HASH_BYTES = 32

// The casts below hold because the tables are STRICT and each statement names its columns.

/** The engine's clock in a row that has it. */
export function nowOf(row: Row | undefined): number {
  return (row as { now: number }).now
}

/** The state entry of a row. */
export function entryOf(row: Row): StateEntry {
  const { key, value, version } = row as Tables['state']
  return { key: textOf(key), value, version }
}

/** The head of a row with its version, or undefined where the row has none. */
export function versionedHeadOf(row: Row | undefined): VersionedHead | undefined {
  if (row === undefined || row['name'] === null) return undefined
  return { head: headOf(row), version: (row as Tables['chain']).version }
}

/** The head of a row. */
export function headOf(row: Row): ChainHead {
  const { name, origin, vkey, size, entry, frontier } = row as Tables['chain']
  return { chain: name, origin, vkey, size, entry, frontier: hashesIn(frontier) }
}

/** What `putHead` binds. */
export function headRow(head: ChainHead, version: number): readonly SqlValue[] {
  return [head.chain, head.origin, head.vkey, head.size, head.entry, concat(...head.frontier), version]
}

/** The record of a row. */
export function recordOf(row: Row): StoredRecord {
  const { seq, body, entry, sig } = row as Tables['record']
  return { seq, body, entry, sig }
}

/** The committed value of a row. */
export function valueOf(row: Row): StoredValue {
  const { seq, path, salt, value } = row as Tables['value']
  return { seq, path: textOf(path), salt, value }
}

// The last one is shorter where somebody damaged the row; whoever checks the frontier sees it.
function hashesIn(bytes: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / HASH_BYTES)
  return Array.from({ length: count }, (_, index) => bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES))
}
