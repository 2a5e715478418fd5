import type { ChainHead } from '../audit/chain-store.ts'
import { entryHash, genesisEntry } from '../audit/entry.ts'
import { appendLeaf } from '../audit/merkle.ts'
import { rowsOf } from '../audit/proof-stream.ts'
import { isSameFrontier } from '../audit/proof.ts'
import { logLeaf } from '../audit/seal.ts'
import { equalBytes } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { BaseDBEngine } from './base-db-engine.ts'

/** The chain and its tree at some size. */
export type TreeAt = Pick<ChainHead, 'size' | 'entry' | 'frontier'>

/** Where a chain begins. */
export function beginningOf({ origin, vkey }: Pick<ChainHead, 'origin' | 'vkey'>): TreeAt {
  return { size: 0, entry: genesisEntry(origin, vkey), frontier: [] }
}

/** Whether a tree is the one that stands in a head. */
export function isTreeOf(tree: TreeAt | undefined, head: ChainHead): boolean {
  return tree?.size === head.size && equalBytes(tree.entry, head.entry) && isSameFrontier(tree.frontier, head.frontier)
}

/**
 * Goes through the records from one tree to a head, and answers with that head where its entry and its tree are really
 * those over the records. Whoever can write the database could have put any frontier there, and what a signature is put
 * under must not be theirs to choose: `AUDIT_CORRUPT`.
 */
export async function followTree(
  { engine, machine }: { readonly engine: BaseDBEngine; readonly machine: Machine },
  from: TreeAt,
  head: ChainHead,
): Promise<TreeAt> {
  let { size, entry, frontier } = from
  for await (const row of rowsOf(engine, { chain: head.chain, from: size, to: head.size })) {
    entry = entryHash(entry, row.body)
    if (!equalBytes(entry, row.entry)) throw corrupt(`record ${String(row.seq)} of \`${head.origin}\` was changed`)
    frontier = appendLeaf(frontier, size, logLeaf(entry, row.sig))
    size += 1
    // A long trail is followed beside the calls, not before them.
    if (size % 256 === 0) await machine.clock.turn()
  }
  if (!isTreeOf({ size, entry, frontier }, head)) {
    throw corrupt(`the tree in the head of \`${head.origin}\` is not the one over its records`)
  }
  return head
}

function corrupt(what: string): CapFenceError {
  return new CapFenceError('AUDIT_CORRUPT', `${what}; run \`capfence verify\``)
}
