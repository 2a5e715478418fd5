import { hex } from '../kernel/bytes.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import { parseVkey } from '../kernel/vkey.ts'
import { isOriginOf } from './chain-name.ts'
import type { ChainHead, StoredRecord } from './chain-store.ts'
import { decodeBody } from './decode-body.ts'
import { entryHashHex, genesisEntry } from './entry.ts'
import type { KeyRing } from './key-ring.ts'
import type { RecordBody } from './record-body.ts'
import { commitWalk } from './verify-commit.ts'
import { growingTree, treeHasher } from './verify-tree.ts'

/** A walk along a chain from its beginning: each row is checked against all that came before it. */
export interface RowWalk {
  /** How many rows were good. */
  readonly size: number
  /** The entry hash of the last good row. */
  readonly entry: Uint8Array
  /** The body of the last good row; empty where there is none. */
  readonly body: string
  /** The frontier of the log tree over the good rows. */
  readonly frontier: readonly Uint8Array[]
  /** False where the last good row's commit has more records: its end is missing. */
  readonly isCommitComplete: boolean
  /** Takes the next row: its body where it is good (nothing, where bodies are not read), else what is wrong with it. */
  next(row: StoredRecord): RecordBody | undefined | string
}

/** How much of each row is looked at. */
export interface RowDepth {
  /** Bodies are hashed, and not read but for those that say where the chain begins or went on. */
  readonly quick?: boolean | undefined
  /** Each row's signature is verified for itself, not once for its commit. */
  readonly deep?: boolean | undefined
  /** Bodies must be RFC 8785 text to the letter, also where a good signature covers them. */
  readonly strict?: boolean | undefined
}

/** The walk along the chain that a head row speaks of, under the keys of a ring. */
export function rowWalk(head: ChainHead, keys: KeyRing, depth: RowDepth = {}): RowWalk {
  const hasher = treeHasher()
  const tree = growingTree(hasher)
  const commits = commitWalk(keys, hasher, depth.deep === true)
  const form = depth.strict === true ? 'canonical' : 'any'
  let size = 0
  let entry: Uint8Array = genesisEntry(head.origin, head.vkey)
  let entryHex = hex(entry)
  let last = ''

  function checkBody(body: RecordBody): string | undefined {
    if (body.chain !== head.chain || body.origin !== head.origin) return `belongs to another trail (\`${body.origin}\`)`
    if (body.seq !== size) return `was signed as record ${String(body.seq)}`
    if (size === 0) return firstFault(body, head)
    if (body.kind === 'opened') return 'opens the trail a second time'
    const isOther = body.kind === 'head_adopted' && (body.size !== size || body.entry !== entryHex)
    return isOther ? 'adopts another head than the one that it stands on' : undefined
  }

  // What can be read of a body, else what is wrong with it.
  function read(row: StoredRecord): Pick<RecordBody, 'key'> | RecordBody | string {
    const peeked = depth.quick === true && size > 0 ? peekedKey(row.body, size) : undefined
    if (peeked !== undefined) return { key: peeked }
    const body = decoded(row.body, form)
    return typeof body === 'string' ? body : (checkBody(body) ?? body)
  }

  // A hash or signature that does not hold says little; what a strict reader says of the body may say more.
  function explained(row: StoredRecord, fault: string): string {
    const body = decoded(row.body, 'canonical')
    return typeof body === 'string' ? body : (checkBody(body) ?? fault)
  }

  return {
    get size() {
      return size
    },
    get entry() {
      return entry
    },
    get body() {
      return last
    },
    get frontier() {
      return tree.frontier()
    },
    get isCommitComplete() {
      return commits.isComplete
    },
    next: (row) => {
      const shape = shapeFault(row, size)
      if (shape !== undefined) return shape
      const body = read(row)
      if (typeof body === 'string') return body
      const expected = entryHashHex(entryHex, row.body)
      if (hex(row.entry) !== expected) {
        return explained(row, 'does not match its hash: it, or what stands before it, was changed')
      }
      const fault = commits.next(row.entry, row.sig, body.key)
      if (fault !== undefined) return explained(row, fault)
      tree.add(row.entry, row.sig)
      ;({ entry } = row)
      entryHex = expected
      last = row.body
      size++
      return 'kind' in body ? body : undefined
    },
  }
}

const KEY = 'key":"'
const KEY_DIGITS = 8
const KIND = '","kind":"'
const PARSED_KINDS = ['opened"', 'head_adopted"', 'loss_accepted"'] as const

// The key id out of a body's text, or undefined where the body must be read. In canonical text `kind` follows `key`, and
// no string can hold a quote that is not escaped.
function peekedKey(text: string, seq: number): string | undefined {
  const at = text.indexOf(KEY) + KEY.length
  const kindAt = at + KEY_DIGITS + KIND.length
  if (!text.startsWith('"', at - KEY.length - 1) || !text.startsWith(KIND, at + KEY_DIGITS)) return undefined
  if (PARSED_KINDS.some((kind) => text.startsWith(kind, kindAt))) return undefined
  // Without its first quote, of which a body is full: the search is twice as fast.
  if (!text.includes(`seq":${String(seq)},"`, kindAt)) return undefined
  return text.slice(at, at + KEY_DIGITS)
}

function shapeFault({ seq, body, entry, sig }: StoredRecord, expected: number): string | undefined {
  if (seq !== expected) return seq > expected ? 'is missing' : 'stands there twice'
  // A damaged store may hold anything in its columns.
  const isWhole = typeof body === 'string' && entry instanceof Uint8Array && sig instanceof Uint8Array
  return isWhole ? undefined : 'lacks its body, hash or signature'
}

function decoded(text: string, form: 'canonical' | 'any'): RecordBody | string {
  try {
    return decodeBody(text, form)
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'AUDIT_CORRUPT') return `cannot be read: ${cause.message}`
    throw cause
  }
}

function firstFault(body: RecordBody, head: ChainHead): string | undefined {
  if (!isOriginOf(head.origin, head.chain)) return 'has a name that no trail can have'
  if (body.kind !== 'opened') return 'is not the opening of the trail'
  if (body.vkey !== head.vkey) return 'was opened with another key than the head names'
  return keyIdIn(body.vkey) === body.key ? undefined : 'is not signed with the key that it opens the trail with'
}

function keyIdIn(vkey: string): string | undefined {
  try {
    return parseVkey(vkey).keyId
  } catch (cause) {
    if (isCapFenceError(cause)) return undefined // no good key, so no record is signed with it
    throw cause
  }
}
