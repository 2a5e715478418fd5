import type { StateEntry, StatePage } from '../../approval/state-store.ts'
import type { ChainHead, RecordPage, StoredRecord, StoredValue, ValuePage } from '../../audit/chain-store.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import type { ReadResult, ReadWanted } from '../../runtime/base-db-engine.ts'
import type { Store } from './commit-to.ts'
import type { Row } from './database.ts'
import { entryOf, headOf, nowOf, recordOf, valueOf, versionedHeadOf } from './rows.ts'
import type { Tables } from './schema.ts'
import { afterPrefix, storedText } from './stored-text.ts'

/** The database's clock. */
export function readNow({ database, statements }: Store): number {
  return nowOf(database.all(statements.now)[0])
}

/** A head and state, with the clock from the same statement as the head. */
export function readState({ database, statements }: Store, { chain, keys }: ReadWanted): ReadResult {
  const [row] = database.all(statements.head, [chain ?? null])
  const rows = keys.length === 0 ? [] : database.all(statements.entries, [JSON.stringify(keys.map(storedText))])
  return {
    now: nowOf(row),
    head: versionedHeadOf(row),
    state: new Map(rows.map(entryOf).map((entry) => [entry.key, entry])),
  }
}

/** A page of state. */
export function readPage({ database, statements }: Store, { prefix, after, limit }: StatePage): readonly StateEntry[] {
  const start = storedText(prefix)
  // Where `after` lies before the prefix, the prefix decides; no key is empty, so an empty `after` excludes nothing.
  const isInside = after !== undefined && after >= prefix
  const lower = isInside ? storedText(after) : start
  const excluded = isInside ? lower : ''
  return database.all(statements.page, [lower, excluded, afterPrefix(start), limit]).map(entryOf)
}

/** All heads, by name. `ENGINE_TAMPERED` where the schema is not ours or a row belongs to none of them. */
export function readHeads({ database, statements, schema }: Store): readonly ChainHead[] {
  schema.demand()
  refuseStray(database.all(statements.strayRecord)[0], 'record')
  refuseStray(database.all(statements.strayValue)[0], 'value of record')
  const heads = database.all(statements.heads).map(headOf)
  return heads.toSorted((left, right) => order(left.chain, right.chain))
}

/** A page of records. */
export function readRecords({ database, statements }: Store, page: RecordPage): readonly StoredRecord[] {
  return database.all(statements.records, [page.chain, page.from, page.limit]).map(recordOf)
}

/** The values of a range of records. */
export function readValues({ database, statements }: Store, page: ValuePage): readonly StoredValue[] {
  const values = database.all(statements.values, [page.chain, page.from, page.to]).map(valueOf)
  return values.toSorted((left, right) => left.seq - right.seq || order(left.path, right.path))
}

function refuseStray(row: Row | undefined, what: string): void {
  if (row === undefined) return
  const { chain, seq } = row as Pick<Tables['record'], 'chain' | 'seq'> // STRICT
  const message = `the database holds a ${what} ${String(seq)} of the chain \`${chain}\` that no trail leads to; restore it from a backup`
  throw new CapFenceError('ENGINE_TAMPERED', message)
}

// By UTF-16 code unit, where the database orders by code point.
function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
