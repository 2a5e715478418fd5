import { hex } from '../kernel/bytes.ts'
import { SIGNATURE_BYTES, ed25519Verifier, isOwnSigner } from '../kernel/ed25519.ts'
import { CapFenceError, isCapFenceError, messageOf } from '../kernel/errors.ts'
import type { Ids } from '../kernel/ports.ts'
import type { Signer } from '../kernel/signer.ts'
import { parseVkey } from '../kernel/vkey.ts'
import { type BodyPlace, sealBody } from './body.ts'
import { originOf } from './chain-name.ts'
import type { ChainHead, StoredRecord, StoredValue } from './chain-store.ts'
import { saltSource } from './commitment.ts'
import { entryHash, genesisEntry, signedMessage } from './entry.ts'
import { appendLeaf, commitTree, leafHash } from './merkle.ts'
import type { RecordDraft } from './record-draft.ts'
import { MAX_COMMIT_SIZE, formatRowSignature } from './row-signature.ts'

/** What one commit adds to a chain. */
export interface SealRequest {
  readonly head: ChainHead
  readonly drafts: readonly RecordDraft[]
  /** Milliseconds since 1970 on the engine's clock; all records of a commit share it. */
  readonly at: number
  readonly signer: Signer
  readonly ids: Pick<Ids, 'bytes'>
}

/** A commit, ready for the engine. */
export interface Sealed {
  /** The head after it. */
  readonly head: ChainHead
  readonly at: number
  readonly records: readonly StoredRecord[]
  readonly values: readonly StoredValue[]
}

/**
 * Chains the drafts to the head and signs them, all with one signature. Touches nothing: what is answered is durable
 * only once an engine committed it. A signer that fails, or whose signature does not verify, is `KEY_INVALID`.
 */
export async function seal({ head, drafts, at, signer, ids }: SealRequest): Promise<Sealed> {
  if (drafts.length === 0) return { head, at, records: [], values: [] }
  if (drafts.length > MAX_COMMIT_SIZE) throw new CapFenceError('AUDIT_CORRUPT', 'too many records for one commit')
  const { entries, bodies, values } = chain(head, drafts, { at, key: signer.keyId, salt: saltSource(ids) })
  const tree = commitTree(entries.map((entry) => leafHash(entry)))
  const rootSignature = await signChecked(signer, signedMessage(drafts.length, tree.root))
  let { frontier } = head
  const records = entries.map((entry, index) => {
    const path = tree.paths[index] ?? []
    const sig = formatRowSignature({ index, size: drafts.length, path, rootSignature })
    frontier = appendLeaf(frontier, head.size + index, logLeaf(entry, sig))
    return { seq: head.size + index, body: bodies[index] ?? '', entry, sig }
  })
  const size = head.size + drafts.length
  const after = { ...head, size, entry: entries.at(-1) ?? head.entry, frontier: frontier.map(own) }
  return { head: after, at, records, values }
}

/** The head of a chain that has not begun. `base` names the store: the same for all its chains, made anew where left out. */
export function genesisHead(options: {
  readonly chain: string
  readonly vkey: string
  readonly ids: Pick<Ids, 'bytes'>
  readonly base?: string | undefined
}): ChainHead {
  const { chain: name, ids, base = `capfence.local/${hex(ids.bytes(16))}` } = options
  const origin = originOf(base, name)
  const { vkey } = options
  parseVkey(vkey)
  return { chain: name, origin, vkey, size: 0, entry: genesisEntry(origin, vkey), frontier: [] }
}

/** The leaf of a record in the log tree: RFC 6962 over its entry hash and its signature. */
export function logLeaf(entry: Uint8Array, sig: Uint8Array): Uint8Array {
  return leafHash(entry, sig)
}

interface Chained {
  readonly entries: readonly Uint8Array[]
  readonly bodies: readonly string[]
  readonly values: readonly StoredValue[]
}

function chain(
  head: ChainHead,
  drafts: readonly RecordDraft[],
  { at, key, salt }: Pick<BodyPlace, 'at' | 'key'> & { readonly salt: () => Uint8Array },
): Chained {
  const entries: Uint8Array[] = []
  const bodies: string[] = []
  const values: StoredValue[] = []
  let previous = head.entry
  for (const [index, draft] of drafts.entries()) {
    const place = { origin: head.origin, chain: head.chain, seq: head.size + index, at, key }
    const sealed = sealBody(draft, place, salt)
    previous = entryHash(previous, sealed.body)
    entries.push(previous)
    bodies.push(sealed.body)
    values.push(...sealed.values)
  }
  return { entries, bodies, values }
}

/**
 * Signs what will stand in a trail for good; `KEY_INVALID` where the signer fails or its signature does not verify.
 * Node's own signer is held to its length, which costs nothing, a foreign one to a full verification.
 */
export async function signChecked(signer: Signer, message: Uint8Array): Promise<Uint8Array> {
  let signature: unknown
  try {
    signature = await signer.sign(message)
  } catch (cause) {
    const why = isCapFenceError(cause) ? cause.message : `the signer failed: ${messageOf(cause)}`
    throw new CapFenceError('KEY_INVALID', why, { cause })
  }
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    throw new CapFenceError('KEY_INVALID', `the signer gave no signature of ${String(SIGNATURE_BYTES)} bytes`)
  }
  if (!isOwnSigner(signer)) checkForeign(signer, message, signature)
  return signature
}

function checkForeign(signer: Signer, message: Uint8Array, signature: Uint8Array): void {
  const verifier = ed25519Verifier(signer.vkey)
  if (verifier.keyId !== signer.keyId) {
    throw new CapFenceError('KEY_INVALID', `the signer's key id \`${signer.keyId}\` is not that of its public key`)
  }
  if (!verifier.verify(message, signature)) {
    throw new CapFenceError('KEY_INVALID', `the signer's signature does not verify under \`${signer.vkey}\``)
  }
}

// Bytes of our own, not a slice of Node's shared pool.
function own(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}
