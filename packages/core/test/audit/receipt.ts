import { type NoteKeys, noteKeys, openCheckpoint, signCheckpoint } from '../../src/audit/checkpoint-note.ts'
import { decodeBody } from '../../src/audit/decode-body.ts'
import { entryHash, genesisEntry, signedMessage } from '../../src/audit/entry.ts'
import { keyRing } from '../../src/audit/key-ring.ts'
import { frontierRoot, leafHash, rootOfPath } from '../../src/audit/merkle.ts'
import { proveInclusion } from '../../src/audit/proof-stream.ts'
import { isIncluded } from '../../src/audit/proof.ts'
import { type Receipt, formatJsonReceipt, formatReceipt, parseReceipt } from '../../src/audit/receipt-format.ts'
import { parseRowSignature } from '../../src/audit/row-signature.ts'
import { logLeaf } from '../../src/audit/seal.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { sampleTrail, storeOf } from './trail.ts'

/** A receipt of the sample trail, in both forms, with the key that signed it. */
export interface MadeReceipt {
  readonly receipt: Receipt
  readonly text: string
  readonly json: string
  readonly vkey: string
}

/** Receipts of all records of the sample trail. */
export async function madeReceipts(signer?: Signer): Promise<readonly MadeReceipt[]> {
  const made = await sampleTrail(signer === undefined ? {} : { signer })
  const { rows } = made
  const [head] = rows.heads
  if (head === undefined) throw new Error('no head')
  const root = frontierRoot(head.frontier)
  const checkpoint = await signCheckpoint(made.signer, { origin: head.origin, size: head.size, root })
  const receipts: MadeReceipt[] = []
  for (let index = 0; index < head.size; index++) {
    const proven = await proveInclusion(storeOf(rows), { chain: head.chain, index, size: head.size })
    const previous = proven.previous?.entry ?? genesisEntry(head.origin, head.vkey)
    const { body, sig } = proven.record
    const receipt = { index, body, previous, sig, path: proven.path, checkpoint }
    receipts.push({ receipt, text: formatReceipt(receipt), json: formatJsonReceipt(receipt), vkey: made.signer.vkey })
  }
  return receipts
}

/** The same check by what the trail itself is verified with: Node's crypto, the strict decoder, the key ring. */
export function nodeAccepts(receipt: string | Uint8Array, trust: readonly string[]): boolean {
  const text = typeof receipt === 'string' ? receipt : utf8(receipt)
  const parsed = text === undefined ? undefined : parseReceipt(text)
  return parsed !== undefined && isRecordSigned(parsed, trust) && isInLog(parsed, noteKeys(trust))
}

function isInLog({ index, body, previous, sig, path, checkpoint }: Receipt, keys: NoteKeys): boolean {
  const opened = openCheckpoint(checkpoint, keys)
  if (typeof opened === 'string') return false
  const { origin, chain, seq } = decodeBody(body)
  if (seq !== index || origin !== opened.origin || !origin.endsWith(`/${chain}`)) return false
  return isIncluded({ leaf: logLeaf(entryHash(previous, body), sig), index }, opened, path)
}

function isRecordSigned({ body, previous, sig }: Receipt, trust: readonly string[]): boolean {
  const signature = parseRowSignature(sig)
  const key = keyOf(body)
  if (signature === undefined || key === undefined) return false
  const root = rootOfPath(leafHash(entryHash(previous, body)), signature, signature.path)
  if (root === undefined) return false
  return keyRing(trust, '').verify(key, signedMessage(signature.size, root), signature.rootSignature)
}

function keyOf(body: string): string | undefined {
  try {
    return decodeBody(body).key
  } catch {
    return undefined
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
