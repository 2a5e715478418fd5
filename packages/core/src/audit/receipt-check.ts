import { concat, uint32, utf8 } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { type Json, isJsonObject } from '../kernel/json.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { DOMAINS } from './domains.ts'
import { toHex } from './portable.ts'
import { type Receipt, parseReceipt, utf8Text } from './receipt-format.ts'
import { type PortableKey, portableKey, sha256 } from './receipt-keys.ts'
import { type SignedNote, knownSignatures, parseNote } from './signed-note.ts'

/** What a receipt came to. */
export interface ReceiptReport {
  /** `integrity_only`: all hashes agree, but no key was pinned, so anybody could have made it. */
  readonly status: 'authentic' | 'tampered' | 'integrity_only'
  /** What is wrong with it, where something is. */
  readonly fault?: string
  /** The record; there only where nothing is wrong. */
  readonly record?: ReceiptRecord
  /** How far the log reached when the receipt was made, and the root of its tree (hex). */
  readonly checkpoint?: { readonly origin: string; readonly size: number; readonly root: string }
}

/** A record as its receipt shows it. */
export interface ReceiptRecord {
  readonly origin: string
  readonly chain: string
  readonly seq: number
  readonly kind: string
  /** Milliseconds since 1970, on the writer's engine. */
  readonly at: number
  /** The id of the key that signed it. */
  readonly key: string
  /** RFC 8785 text, exactly as it was signed. */
  readonly body: string
}

/** The vkeys that may have signed, pinned from outside. */
export interface ReceiptOptions {
  readonly trust: readonly string[]
}

/**
 * Checks a receipt, either form, with nothing but itself and the pinned keys; no network, no file, no Node. The record,
 * its place in the tree and the checkpoint must agree, and pinned keys must have signed both the checkpoint and the
 * record. `KEY_INVALID` where a pinned key is none.
 */
export async function checkReceipt(receipt: string | Uint8Array, { trust }: ReceiptOptions): Promise<ReceiptReport> {
  const keys = await Promise.all([...new Set(trust)].map(portableKey))
  const text = typeof receipt === 'string' ? receipt : utf8Text(receipt)
  const parsed = text === undefined ? undefined : parseReceipt(text)
  if (parsed === undefined) return tampered('it is not a receipt, or was changed')
  const opened = open(parsed)
  if (typeof opened === 'string') return tampered(opened)
  const fault = (await hashFault(opened)) ?? (await signatureFault(opened, keys))
  if (fault !== undefined) return tampered(fault)
  const { record, checkpoint } = opened
  const tree = { origin: checkpoint.origin, size: checkpoint.size, root: toHex(checkpoint.root) }
  return { status: keys.length > 0 ? 'authentic' : 'integrity_only', record, checkpoint: tree }
}

function tampered(fault: string): ReceiptReport {
  return { status: 'tampered', fault }
}

interface Opened {
  readonly receipt: Receipt
  readonly record: ReceiptRecord
  readonly note: SignedNote
  readonly checkpoint: Checkpoint
  readonly rowSignature: RowSignature
}

function open(receipt: Receipt): Opened | string {
  const note = parseNote(receipt.checkpoint)
  const checkpoint = note && parseCheckpoint(note.text)
  if (note === undefined || checkpoint === undefined) return 'what should be its checkpoint is none'
  const record = recordOf(receipt.body)
  if (record === undefined) return 'what should be its record is none'
  const rowSignature = rowSignatureOf(receipt.sig)
  if (rowSignature === undefined) return "what should be its record's signature is none"
  if (record.seq !== receipt.index) return 'its record belongs in another place'
  if (record.origin !== checkpoint.origin || !record.origin.endsWith(`/${record.chain}`)) {
    return 'its record and its checkpoint are of different logs'
  }
  return { receipt, record, note, checkpoint, rowSignature }
}

const MAX_BODY_BYTES = 65_535

function recordOf(body: string): ReceiptRecord | undefined {
  const value = canonical(body)
  if (!isJsonObject(value) || value['v'] !== 1) return undefined
  const { origin, chain, seq, kind, at, key } = value
  const isPlaced = typeof origin === 'string' && typeof chain === 'string' && isCount(seq)
  if (!isPlaced || typeof kind !== 'string' || typeof at !== 'number') return undefined
  if (typeof key !== 'string' || !/^[0-9a-f]{8}$/.test(key)) return undefined
  return { origin, chain, seq, kind, at, key, body }
}

function canonical(body: string): Json | undefined {
  if (utf8(body).length > MAX_BODY_BYTES) return undefined
  try {
    const value = JSON.parse(body) as Json // whatever JSON.parse gives is JSON
    return canonicalJson(value) === body ? value : undefined
  } catch {
    return undefined
  }
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 // a safe integer is a number
}

interface RowSignature {
  readonly index: number
  readonly size: number
  readonly path: readonly Uint8Array[]
  readonly rootSignature: Uint8Array
}

const HASH_BYTES = 32
const SIGNATURE_BYTES = 64
const MAX_COMMIT_SIZE = 65_536

// As `parseRowSignature`, which leans on Node by way of its imports.
function rowSignatureOf(sig: Uint8Array): RowSignature | undefined {
  const pathBytes = sig.length - 8 - SIGNATURE_BYTES
  if (pathBytes < 0 || pathBytes % HASH_BYTES !== 0) return undefined
  const view = new DataView(sig.buffer, sig.byteOffset, sig.byteLength)
  const [index, size] = [view.getUint32(0), view.getUint32(4)]
  if (size > MAX_COMMIT_SIZE || index >= size) return undefined
  const path = Array.from({ length: pathBytes / HASH_BYTES }, (_, at) =>
    sig.subarray(8 + at * HASH_BYTES, 40 + at * HASH_BYTES),
  )
  return { index, size, path, rootSignature: sig.subarray(8 + pathBytes) }
}

async function hashFault({ receipt, checkpoint }: Opened): Promise<string | undefined> {
  const entry = await entryOf(receipt)
  const leaf = await leafOf(entry, receipt.sig)
  const root = await rootOf(leaf, { index: receipt.index, size: checkpoint.size }, receipt.path)
  return root !== undefined && toHex(root) === toHex(checkpoint.root)
    ? undefined
    : 'its record is not in the tree that its checkpoint names'
}

async function signatureFault(opened: Opened, keys: readonly PortableKey[]): Promise<string | undefined> {
  const { receipt, record, note, rowSignature } = opened
  const commitRoot = await rootOf(await leafOf(await entryOf(receipt)), rowSignature, rowSignature.path)
  if (commitRoot === undefined) return "its record's signature has the wrong length"
  if (keys.length === 0) return undefined
  const signed = knownSignatures(note, keys)
  if (signed.length === 0) return 'its checkpoint is not signed by a pinned key'
  for (const { signature, keys: own } of signed) {
    if (!(await anyVerifies(own, utf8(note.text), signature))) return "its checkpoint's signature does not verify"
  }
  const message = concat(utf8(DOMAINS.signature), uint32(rowSignature.size), commitRoot)
  const writers = keys.filter(({ keyId }) => keyId === record.key)
  if (writers.length === 0) return `its record is signed by the key \`${record.key}\`, which is not pinned`
  return (await anyVerifies(writers, message, rowSignature.rootSignature))
    ? undefined
    : "its record's signature does not verify"
}

async function anyVerifies(keys: readonly PortableKey[], message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const answers = await Promise.all(keys.map((key) => key.verify(message, signature)))
  return answers.includes(true)
}

function entryOf({ previous, body }: Receipt): Promise<Uint8Array> {
  return sha256(utf8(`${DOMAINS.entry}${toHex(previous)}\n${body}`))
}

function leafOf(...data: readonly Uint8Array[]): Promise<Uint8Array> {
  return sha256(concat(Uint8Array.of(0x00), ...data))
}

// RFC 9162 §2.1.3.2, word for word.
async function rootOf(
  leaf: Uint8Array,
  { index, size }: { readonly index: number; readonly size: number },
  path: readonly Uint8Array[],
): Promise<Uint8Array | undefined> {
  if (index >= size) return undefined
  let [node, last] = [index, size - 1]
  const up = (): void => {
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  let root = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    const isRight = node % 2 === 1 || node === last
    root = await sha256(concat(Uint8Array.of(0x01), ...(isRight ? [sibling, root] : [root, sibling])))
    while (isRight && node % 2 === 0 && node > 0) up()
    up()
  }
  return last === 0 ? root : undefined
}
