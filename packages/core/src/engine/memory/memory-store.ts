import type { StateEntry, StatePage, StateWrite } from '../../approval/state-store.ts'
import type { ChainHead, RecordPage, StoredRecord, StoredValue, ValuePage } from '../../audit/chain-store.ts'
import type { Append, Commit, CommitResult, VersionedHead } from '../../runtime/base-db-engine.ts'
import { checkCommit, checkFollows } from '../check-commit.ts'

/** What the handles of one memory engine share. Everything goes in and comes out as a copy. */
export interface MemoryStore {
  commit(commit: Commit): CommitResult
  head(chain: string): VersionedHead | undefined
  heads(): readonly ChainHead[]
  entry(key: string): StateEntry | undefined
  list(page: StatePage): readonly StateEntry[]
  records(page: RecordPage): readonly StoredRecord[]
  values(page: ValuePage): readonly StoredValue[]
}

interface Chain {
  head: ChainHead
  version: number
  readonly records: StoredRecord[]
  /** By seq and path. */
  readonly values: StoredValue[]
}

/** Keys that share their first part, so that listing leases does not walk over every call. */
interface Group {
  readonly entries: Map<string, StateEntry>
  /** The keys in order; undefined where they changed since. */
  sorted: readonly string[] | undefined
}

/** An empty store. */
export function memoryStore(): MemoryStore {
  const chains = new Map<string, Chain>()
  const groups = new Map<string, Group>()
  let lastVersion = 0

  const entry = (key: string): StateEntry | undefined => groups.get(groupOf(key))?.entries.get(key)

  function changed({ append, expect }: Commit): string | undefined {
    if (append !== undefined && (chains.get(append.head.chain)?.version ?? 0) !== append.headVersion) return 'head'
    return expect.find(({ key, version }) => (entry(key)?.version ?? 0) !== version)?.key
  }

  function extend(append: Append): number {
    const known = chains.get(append.head.chain)
    const chain = known ?? { head: append.head, version: 0, records: [], values: [] }
    for (const record of append.records) chain.records.push(copyRecord(record))
    for (const value of append.values.toSorted(bySeqAndPath)) chain.values.push(copyValue(value))
    chain.head = copyHead(append.head)
    chain.version = ++lastVersion
    if (known === undefined) chains.set(append.head.chain, chain)
    return chain.version
  }

  function put({ key, value }: StateWrite): void {
    const group = groups.get(groupOf(key)) ?? { entries: new Map<string, StateEntry>(), sorted: undefined }
    if (value === null) {
      if (group.entries.delete(key)) group.sorted = undefined
      return
    }
    if (!group.entries.has(key)) group.sorted = undefined
    group.entries.set(key, { key, value, version: ++lastVersion })
    groups.set(groupOf(key), group)
  }

  return {
    commit: (commit) => {
      checkCommit(commit)
      const conflict = changed(commit)
      if (conflict !== undefined) return { kind: 'conflict', changed: conflict }
      if (commit.append !== undefined) {
        checkFollows(commit.append, chains.get(commit.append.head.chain)?.head.size ?? 0)
      }
      // INVARIANT: nothing below can fail, so that a commit is all or nothing.
      const headVersion = commit.append === undefined ? 0 : extend(commit.append)
      for (const write of commit.write) put(write)
      return { kind: 'committed', headVersion }
    },
    head: (name) => {
      const chain = chains.get(name)
      return chain && { head: copyHead(chain.head), version: chain.version }
    },
    heads: () => [...chains.values()].map(({ head }) => copyHead(head)).toSorted((a, b) => order(a.chain, b.chain)),
    entry,
    list: (page) => {
      const found = [...groups].filter(([part]) => part.startsWith(page.prefix) || page.prefix.startsWith(part))
      return found
        .flatMap(([, group]) => pageOf(group, page))
        .toSorted((a, b) => order(a.key, b.key))
        .slice(0, page.limit)
    },
    records: ({ chain, from, limit }) => {
      const records = chains.get(chain)?.records ?? []
      return records.slice(Math.max(0, from), Math.max(0, from) + limit).map(copyRecord)
    },
    values: ({ chain, from, to }) => {
      const values = chains.get(chain)?.values ?? []
      return values.slice(placeOf(values, from), placeOf(values, to)).map(copyValue)
    },
  }
}

// Up to the first `/`, which it includes; the whole key where there is none.
function groupOf(key: string): string {
  const end = key.indexOf('/')
  return end === -1 ? key : key.slice(0, end + 1)
}

function pageOf(group: Group, { prefix, after, limit }: StatePage): readonly StateEntry[] {
  group.sorted ??= [...group.entries.keys()].toSorted(order)
  const { sorted } = group
  const first = lowerBound(sorted.length, (index) => (sorted[index] ?? '') >= prefix)
  const next = after === undefined ? 0 : lowerBound(sorted.length, (index) => (sorted[index] ?? '') > after)
  const start = Math.max(first, next)
  return sorted
    .slice(start, start + limit)
    .filter((key) => key.startsWith(prefix))
    .flatMap((key) => group.entries.get(key) ?? [])
}

function placeOf(values: readonly StoredValue[], seq: number): number {
  return lowerBound(values.length, (index) => (values[index]?.seq ?? 0) >= seq)
}

/** The first index for which `isReached` holds; it must hold for all that follow. */
function lowerBound(length: number, isReached: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isReached(middle)) high = middle
    else low = middle + 1
  }
  return low
}

// By UTF-16 code unit, as `<` compares.
function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function bySeqAndPath(left: StoredValue, right: StoredValue): number {
  return left.seq - right.seq || order(left.path, right.path)
}

function copyRecord({ seq, body, entry, sig }: StoredRecord): StoredRecord {
  return { seq, body, entry: new Uint8Array(entry), sig: new Uint8Array(sig) }
}

function copyValue({ seq, path, salt, value }: StoredValue): StoredValue {
  return { seq, path, salt: new Uint8Array(salt), value }
}

function copyHead({ chain, origin, vkey, size, entry, frontier }: ChainHead): ChainHead {
  const copies = frontier.map((hash) => new Uint8Array(hash))
  return { chain, origin, vkey, size, entry: new Uint8Array(entry), frontier: copies }
}
