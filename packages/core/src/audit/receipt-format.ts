import { canonicalJson } from '../kernel/canonical-json.ts'
import { ofBase64, ofHex, toBase64, toHex } from './portable.ts'

/** One record with all that proves that it stands in its log: enough for a stranger who has nothing but a public key. */
export interface Receipt {
  /** The record's place in the log. */
  readonly index: number
  /** The record, exactly as it was signed. */
  readonly body: string
  /** The entry of the record before it, or genesis. */
  readonly previous: Uint8Array
  /** The record's own signature. */
  readonly sig: Uint8Array
  /** The inclusion path to the checkpoint's root, nearest sibling first. */
  readonly path: readonly Uint8Array[]
  /** A signed note. */
  readonly checkpoint: string
}

const FORMAT = 'c2sp.org/tlog-proof@v1'
const MAX_RECEIPT_LENGTH = 1_048_576
const HASH_BYTES = 32

/** A receipt as a C2SP tlog-proof; what is needed to make the leaf anew stands in its `extra`. */
export function formatReceipt({ index, body, previous, sig, path, checkpoint }: Receipt): string {
  const extra = canonicalJson({ v: 1, body, prev: toHex(previous), sig: toBase64(sig) })
  const hashes = path.map((hash) => `${toBase64(hash)}\n`).join('')
  const head = `${FORMAT}\nextra ${toBase64(new TextEncoder().encode(extra))}\nindex ${String(index)}\n`
  return `${head}${hashes}\n${checkpoint}`
}

/** A receipt as one line of JSON: RFC 8785 in which whatever is not ASCII is escaped, so that a terminal can show it. */
export function formatJsonReceipt({ index, body, previous, sig, path, checkpoint }: Receipt): string {
  const value = { v: 1, index, body, prev: toHex(previous), sig: toBase64(sig), path: path.map(toBase64), checkpoint }
  return `${canonicalJson(value).replaceAll(/[^ -~]/g, escapeUnit)}\n`
}

/** Takes either form apart, strictly: undefined for whatever the functions above would not have written. */
export function parseReceipt(text: string): Receipt | undefined {
  if (text.length > MAX_RECEIPT_LENGTH || !text.isWellFormed()) return undefined
  const isJson = text.startsWith('{')
  const receipt = isJson ? jsonReceipt(text) : proofReceipt(text)
  if (receipt === undefined) return undefined
  return (isJson ? formatJsonReceipt(receipt) : formatReceipt(receipt)) === text ? receipt : undefined
}

const PROOF =
  /^c2sp\.org\/tlog-proof@v1\nextra (?<extra>\S+)\nindex (?<index>\d{1,16})\n(?<path>(?:\S+\n)*)\n(?<checkpoint>.*)$/s

function proofReceipt(text: string): Receipt | undefined {
  const { extra, index, path, checkpoint } = PROOF.exec(text)?.groups ?? {}
  const bytes = extra === undefined ? undefined : ofBase64(extra)
  if (bytes === undefined || path === undefined) return undefined
  const hashes = path.split('\n').slice(0, -1)
  return receiptOf({ ...members(utf8Text(bytes)), index: Number(index), path: hashes, checkpoint })
}

function jsonReceipt(text: string): Receipt | undefined {
  return receiptOf(members(text))
}

// What else stands there is found when it is written again.
function receiptOf({
  v,
  index,
  body,
  prev,
  sig,
  path,
  checkpoint,
}: Readonly<Record<string, unknown>>): Receipt | undefined {
  const [previous, signature] = [bytesOf(prev, ofHex), bytesOf(sig, ofBase64)]
  const hashes = Array.isArray(path) ? path.map((hash) => bytesOf(hash, ofBase64)) : []
  if (v !== 1 || !Number.isSafeInteger(index) || typeof body !== 'string' || typeof checkpoint !== 'string')
    return undefined
  if (previous?.length !== HASH_BYTES || signature === undefined) return undefined
  if (!hashes.every((hash) => hash?.length === HASH_BYTES)) return undefined
  return { index: index as number, body, previous, sig: signature, path: hashes as Uint8Array[], checkpoint } // checked above
}

function bytesOf(value: unknown, read: (text: string) => Uint8Array | undefined): Uint8Array | undefined {
  return typeof value === 'string' ? read(value) : undefined
}

function members(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {} // any object is one
  } catch {
    return {} // then nothing of a receipt is there
  }
}

/** The text of UTF-8 bytes; undefined where they are none. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
