import type { ChainHead, StoredRecord } from '../audit/chain-store.ts'
import { type HeadRecord, RESTORE, checkHead } from '../audit/head-file.ts'
import { frontierRoot } from '../audit/merkle.ts'
import { tailFault } from '../audit/tail-fault.ts'
import { equalBytes } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Signer } from '../kernel/signer.ts'
import type { BaseDBEngine } from './base-db-engine.ts'

/**
 * Refuses a chain whose newest commit is not whole. An edited head row would make the next record a fork, and a commit
 * that a failed disk lost in part would be built on. What stands beyond the head says nothing: others may have gone on
 * since it was read, and a commit would find it.
 */
export async function checkTail(engine: BaseDBEngine, head: ChainHead, { vkey }: Signer): Promise<void> {
  const fault = await tailFault(engine, head, vkey)
  if (fault === undefined) return
  throw new CapFenceError(
    'AUDIT_CORRUPT',
    `the newest record of \`${head.origin}\` ${fault}; run \`capfence verify\` and restore a good copy`,
  )
}

/** Refuses a chain that is not, or no longer, the one that is known. */
export async function checkKnown(engine: BaseDBEngine, head: ChainHead, known: HeadRecord | undefined): Promise<void> {
  checkHead(head, known)
  if (known === undefined || known.size === 0) return
  if (known.size === head.size) {
    if (equalBytes(frontierRoot(head.frontier), known.root)) return
    throw new CapFenceError(
      'AUDIT_CORRUPT',
      `the tree in the head of \`${head.origin}\` is not the one over its records`,
    )
  }
  // Others went on since: what we know of must still be in the trail, else it was rewritten.
  const [record] = await engine.records({ chain: head.chain, from: known.size - 1, limit: 1 })
  if (!isRecord(record, known)) {
    throw rollback(`record ${String(known.size - 1)} of \`${head.origin}\` is not the one that was seen before`)
  }
}

/** Refuses a chain that stands where another one was: nothing inside the database could tell. */
export function checkOrigin(origin: string, stood: string | undefined): void {
  if (stood !== undefined && origin !== stood) throw rollback(`the trail \`${origin}\` stands where \`${stood}\` was`)
}

/** Refuses a chain that is written with another key. */
export function checkKey(head: ChainHead, { vkey }: Signer): void {
  if (head.vkey === vkey) return
  throw new CapFenceError(
    'KEY_INVALID',
    `the trail \`${head.origin}\` is written with another key (\`${head.vkey}\`); use that key (CAPFENCE_KEY_FILE) or another database`,
  )
}

/** A trail that lost records. */
export function rollback(what: string): CapFenceError {
  return new CapFenceError('AUDIT_ROLLBACK', `${what}; ${RESTORE}`)
}

function isRecord(record: StoredRecord | undefined, { size, entry }: HeadRecord): boolean {
  return record?.seq === size - 1 && equalBytes(record.entry, entry)
}
