import { equalBytes } from '../kernel/bytes.ts'
import { ed25519Verifier } from '../kernel/ed25519.ts'
import type { ChainHead, ChainStore, StoredRecord } from './chain-store.ts'
import { entryHash, genesisEntry, signedMessage } from './entry.ts'
import { leafHash, rootOfPath } from './merkle.ts'
import { type RowSignature, parseRowSignature } from './row-signature.ts'

/**
 * What is wrong with the end of a chain, or undefined where its newest commit is whole: it is the one that the head
 * speaks of, its records follow each other and what stands before, and the key signed them.
 */
export async function tailFault(store: Records, head: ChainHead, vkey: string): Promise<string | undefined> {
  const { chain, size } = head
  if (size === 0) return undefined
  const [last] = await store.records({ chain, from: size - 1, limit: 1 })
  if (last?.seq !== size - 1 || !equalBytes(last.entry, head.entry)) return 'is not the one that its head names'
  const signature = parseRowSignature(last.sig)
  if (signature === undefined || signature.size > size) return 'has a damaged signature'
  if (signature.index !== signature.size - 1) return 'is not the end of its commit'
  return commitFault(await commitBefore(store, head, signature), signature, vkey)
}

type Records = Pick<ChainStore, 'records'>

interface LastCommit {
  /** The entry that it stands on; undefined where that is gone. */
  readonly before: Uint8Array | undefined
  readonly rows: readonly StoredRecord[]
}

async function commitBefore(store: Records, head: ChainHead, signature: RowSignature): Promise<LastCommit> {
  const from = head.size - signature.size
  const start = Math.max(from - 1, 0)
  const rows = await store.records({ chain: head.chain, from: start, limit: head.size - start })
  if (from === 0) return { before: genesisEntry(head.origin, head.vkey), rows }
  return { before: rows[0]?.entry, rows: rows.slice(1) }
}

function commitFault({ before, rows }: LastCommit, signature: RowSignature, vkey: string): string | undefined {
  if (before === undefined || rows.length !== signature.size) return 'lacks a part of its commit'
  const entries = [before, ...rows.map(({ entry }) => entry)]
  const isChained = rows.every(({ body, entry }, at) => equalBytes(entryHash(entries[at] ?? before, body), entry))
  if (!isChained) return 'does not match its hash, or what stands before it does not'
  const [root, ...roots] = rows.map((row, index) => joinedRoot(row, index, signature))
  const isJoined = root !== undefined && roots.every((other) => other !== undefined && equalBytes(other, root))
  if (!isJoined) return 'has a damaged signature'
  const isGood = ed25519Verifier(vkey).verify(signedMessage(signature.size, root), signature.rootSignature)
  return isGood ? undefined : 'has a signature that does not verify'
}

// Where a row's path leads to; undefined where the row is not signed together with the last one of its commit.
function joinedRoot(row: StoredRecord, index: number, last: RowSignature): Uint8Array | undefined {
  const own = parseRowSignature(row.sig)
  const isJoined = own?.index === index && own.size === last.size && equalBytes(own.rootSignature, last.rootSignature)
  return isJoined ? rootOfPath(leafHash(row.entry), own, own.path) : undefined
}
