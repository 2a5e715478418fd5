import type { Append, BaseDBEngine, ChainHead, Commit, StoredRecord, StoredValue } from '@capfence/core'
import { committed } from './claims.ts'

/** Bytes that differ from seed to seed. */
export function bytes(size: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (seed * 31 + index * 7) % 256)
}

/** A head as it would stand after `size` records. */
export function head(chain: string, size: number): ChainHead {
  // As many hashes as a real frontier has: one for each bit of the size.
  const bits = size.toString(2).replaceAll('0', '').length
  return {
    chain,
    origin: `capfence.test/${chain}`,
    vkey: `${chain}+0011aabb+AQID`,
    size,
    entry: bytes(32, size),
    frontier: Array.from({ length: bits }, (_, index) => bytes(32, size + index + 1)),
  }
}

/** A record with a body of its own. */
export function record(seq: number, text = 'ordinary'): StoredRecord {
  return { seq, body: JSON.stringify({ kind: 'decision', seq, text }), entry: bytes(32, seq), sig: bytes(72, seq + 1) }
}

/** A committed value. */
export function value(seq: number, path: string): StoredValue {
  return { seq, path, salt: bytes(16, seq + path.length), value: JSON.stringify(`${path} of ${String(seq)}`) }
}

/** What a sample append holds. */
export interface Batch {
  readonly chain?: string
  /** The first record's `seq`: the size that the chain has. */
  readonly from: number
  readonly count: number
  readonly headVersion: number
  /** How many values a record has; none by default. */
  readonly values?: number
}

/** An append of ordinary records. */
export function append({ chain = 'main', from, count, headVersion, values = 0 }: Batch): Append {
  const seqs = Array.from({ length: count }, (_, index) => from + index)
  const paths = Array.from({ length: values }, (_, index) => `/arg${String(index)}`)
  return {
    headVersion,
    head: head(chain, from + count),
    records: seqs.map((seq) => record(seq)),
    values: seqs.flatMap((seq) => paths.map((path) => value(seq, path))),
  }
}

/** A commit of state alone. */
export function stateCommit(entries: Readonly<Record<string, string | null>>): Commit {
  return { expect: [], write: Object.entries(entries).map(([key, text]) => ({ key, value: text })) }
}

/** Begins a chain, and answers its version. */
export async function begin(engine: BaseDBEngine, batch: Partial<Batch> = {}): Promise<number> {
  const whole = { from: 0, count: 1, ...batch, headVersion: 0 }
  return committed(await engine.commit({ append: append(whole), expect: [], write: [] }), 'the first commit of a chain')
}

/** Puts state, and answers the versions by key. */
export async function put(
  engine: BaseDBEngine,
  entries: Readonly<Record<string, string | null>>,
): Promise<ReadonlyMap<string, number>> {
  committed(await engine.commit(stateCommit(entries)), 'a commit of state that expects nothing')
  const { state } = await engine.read({ keys: Object.keys(entries) })
  return new Map([...state.values()].map(({ key, version }) => [key, version]))
}

/** All that a store holds of one chain and of state. */
export async function contents(engine: BaseDBEngine, chain = 'main'): Promise<unknown> {
  const { head: found } = await engine.read({ chain, keys: [] })
  return {
    head: found,
    chains: await engine.chains(),
    records: await engine.records({ chain, from: 0, limit: 10_000 }),
    values: await engine.values({ chain, from: 0, to: 10_000 }),
    state: await engine.list({ prefix: '', limit: 10_000 }),
  }
}
