import type { ChainStore } from '@capfence/core'
import { readRecords, type ReadRecord } from './read-records.ts'

/** A record that nobody can say much of, or a decision whose tool was started here, with its outcome `unknown` if any. */
export type OpenRecord = readonly [decision: ReadRecord, ...unknown: ReadRecord[]]

/** Decisions of which nobody knows what became, oldest first; held are those that are open, never the whole trail. */
export async function openRecords(store: ChainStore): Promise<readonly OpenRecord[]> {
  const openByPlace = new Map<string, OpenRecord>()
  for await (const record of readRecords(store, 'oldest first')) {
    const place = placeOf(record.chain, record.seq)
    if ('problem' in record) openByPlace.set(place, [record])
    else if (record.body.kind === 'decision') {
      // What a caller runs itself has an outcome only where the caller reports one.
      if (record.body.outcome === 'open') openByPlace.set(place, [record])
    } else if (record.body.kind === 'outcome') {
      const { of, outcome } = record.body
      const decided = openByPlace.get(placeOf(of.chain, of.seq))
      if (outcome !== 'unknown') openByPlace.delete(placeOf(of.chain, of.seq))
      else if (decided !== undefined) openByPlace.set(placeOf(of.chain, of.seq), [decided[0], record])
    }
  }
  return [...openByPlace.values()]
}

function placeOf(chain: string, seq: number): string {
  return `${chain}/${String(seq)}`
}
