import { type ChainHead, type ChainStore, type StoredRecord, isCapFenceError } from '@capfence/core'
import { type RecordBody, decodeBody } from '@capfence/core/audit'

/** A record as it was read: its body, or why it cannot be one of ours. */
export type ReadRecord = ReadPlace & ({ readonly body: RecordBody } | { readonly problem: string })

interface ReadPlace {
  readonly chain: string
  readonly seq: number
  /** Milliseconds since 1970; for a record that cannot be read, that of its neighbour. */
  readonly at: number
}

export type Direction = 'oldest first' | 'newest first'

type Reader = AsyncGenerator<ReadRecord, undefined>

const PAGE = 500

/** All records of a store, chains merged by time; one page of each chain is held at a time. */
export async function* readRecords(store: ChainStore, direction: Direction): Reader {
  const readers = (await store.chains()).map((head) => (direction === 'oldest first' ? forward : backward)(store, head))
  const next = await Promise.all(readers.map((reader) => reader.next()))
  for (;;) {
    const index = first(next, direction)
    const found = next[index]
    const reader = readers[index]
    if (found === undefined || found.done === true || reader === undefined) return undefined
    yield found.value
    next[index] = await reader.next()
  }
}

// Of equal times the first chain's, so that a chain's own order always stands.
function first(next: readonly IteratorResult<ReadRecord, undefined>[], direction: Direction): number {
  let best = { index: -1, at: Number.POSITIVE_INFINITY }
  for (const [index, { value }] of next.entries()) {
    if (value === undefined) continue
    const at = direction === 'oldest first' ? value.at : -value.at
    if (best.index === -1 || at < best.at) best = { index, at }
  }
  return best.index
}

async function* forward(store: ChainStore, { chain }: ChainHead): Reader {
  let at = 0
  for (let from = 0; ;) {
    const page = await store.records({ chain, from, limit: PAGE })
    for (const record of page) {
      const found = read(chain, record, at)
      at = found.at
      yield found
    }
    const last = page.at(-1)
    if (last === undefined) return undefined
    from = last.seq + 1
  }
}

async function* backward(store: ChainStore, head: ChainHead): Reader {
  let at = 0
  for (let to = await endOf(store, head); to > 0; to -= PAGE) {
    const from = Math.max(0, to - PAGE)
    const page = await store.records({ chain: head.chain, from, limit: to - from })
    for (const record of page.filter(({ seq }) => seq < to).toReversed()) {
      const found = read(head.chain, record, at)
      at = found.at
      yield found
    }
  }
  return undefined
}

// A head row may have been edited: one that was set back must hide nothing, one that was set forth must cost nothing.
async function endOf(store: ChainStore, { chain, size }: ChainHead): Promise<number> {
  const isThere = size > 0 && (await store.records({ chain, from: size - 1, limit: 1 })).length > 0
  for (let end = isThere ? size : 0; ;) {
    const last = (await store.records({ chain, from: end, limit: PAGE })).at(-1)
    if (last === undefined) return end
    end = last.seq + 1
  }
}

function read(chain: string, { seq, body: text }: StoredRecord, neighbour: number): ReadRecord {
  try {
    const body = decodeBody(text)
    return { chain, seq, at: body.at, body }
  } catch (cause) {
    if (!isCapFenceError(cause)) throw cause
    return { chain, seq, at: neighbour, problem: cause.message }
  }
}
