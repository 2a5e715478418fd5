import { equalBytes, hex } from '../kernel/bytes.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import { parseVkey } from '../kernel/vkey.ts'
import { isOriginOf } from './chain-name.ts'
import type { ChainHead, StoredRecord } from './chain-store.ts'
import { decodeBody } from './decode-body.ts'
import { entryHash, genesisEntry, signedMessage } from './entry.ts'
import type { KeyRing } from './key-ring.ts'
import { appendLeaf, leafHash, rootOfPath } from './merkle.ts'
import type { RecordBody } from './record-body.ts'
import { type RowSignature, parseRowSignature } from './row-signature.ts'
import { logLeaf } from './seal.ts'

/** A walk along a chain from its beginning: each row is checked against all that came before it. */
export interface RowWalk {
  /** How many rows were good. */
  readonly size: number
  /** The entry hash of the last good row. */
  readonly entry: Uint8Array
  /** The frontier of the log tree over the good rows. */
  readonly frontier: readonly Uint8Array[]
  /** False where the last good row's commit has more records: its end is missing. */
  readonly isCommitComplete: boolean
  /** Takes the next row: its body where it is good, else what is wrong with it. */
  next(row: StoredRecord): RecordBody | string
}

interface Commit {
  readonly signature: RowSignature
  readonly root: Uint8Array
  readonly key: string
}

/** The walk along the chain that a head row speaks of, under the keys of a ring. */
export function rowWalk(head: ChainHead, keys: KeyRing): RowWalk {
  let size = 0
  let entry = genesisEntry(head.origin, head.vkey)
  let frontier: readonly Uint8Array[] = []
  let commit: Commit | undefined

  function checkBody(body: RecordBody): string | undefined {
    if (body.chain !== head.chain || body.origin !== head.origin) return `belongs to another trail (\`${body.origin}\`)`
    if (body.seq !== size) return `was signed as record ${String(body.seq)}`
    if (size === 0) return firstFault(body, head)
    if (body.kind === 'opened') return 'opens the trail a second time'
    const isOther = body.kind === 'head_adopted' && (body.size !== size || body.entry !== hex(entry))
    return isOther ? 'adopts another head than the one that it stands on' : undefined
  }

  function checkSignature(row: StoredRecord, key: string): string | undefined {
    const signature = parseRowSignature(row.sig)
    if (signature === undefined) return 'has no signature'
    const root = rootOfPath(leafHash(row.entry), signature, signature.path)
    if (root === undefined) return 'has a signature of the wrong length'
    const next = { signature, root, key }
    const fault =
      placeFault(signature, commit) ?? (signature.index === 0 ? beginFault(next, keys) : joinFault(next, commit))
    if (fault === undefined) commit = next
    return fault
  }

  return {
    get size() {
      return size
    },
    get entry() {
      return entry
    },
    get frontier() {
      return frontier
    },
    get isCommitComplete() {
      return isComplete(commit)
    },
    next: (row) => {
      const shape = shapeFault(row, size)
      if (shape !== undefined) return shape
      const body = decoded(row.body)
      if (typeof body === 'string') return body
      const expected = entryHash(entry, row.body)
      const fault =
        checkBody(body) ??
        (equalBytes(expected, row.entry)
          ? undefined
          : 'does not match its hash: it, or what stands before it, was changed')
      if (fault !== undefined) return fault
      const signatureFault = checkSignature(row, body.key)
      if (signatureFault !== undefined) return signatureFault
      frontier = appendLeaf(frontier, size, logLeaf(row.entry, row.sig))
      entry = expected
      size++
      return body
    },
  }
}

function shapeFault({ seq, body, entry, sig }: StoredRecord, expected: number): string | undefined {
  if (seq !== expected) return seq > expected ? 'is missing' : 'stands there twice'
  // A damaged store may hold anything in its columns.
  const isWhole = typeof body === 'string' && entry instanceof Uint8Array && sig instanceof Uint8Array
  return isWhole ? undefined : 'lacks its body, hash or signature'
}

function decoded(text: string): RecordBody | string {
  try {
    return decodeBody(text)
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

// The rows of a commit follow each other without a gap.
function placeFault({ index, size }: RowSignature, before: Commit | undefined): string | undefined {
  if (index === 0) return isComplete(before) ? undefined : 'begins a commit before the last one is complete'
  const isNext = before !== undefined && before.signature.size === size && before.signature.index === index - 1
  return isNext ? undefined : 'stands in the wrong place of its commit'
}

function isComplete(commit: Commit | undefined): boolean {
  return commit === undefined || commit.signature.index === commit.signature.size - 1
}

// One signature serves all rows of a commit: it is checked with the first.
function beginFault({ signature, root, key }: Commit, keys: KeyRing): string | undefined {
  if (!keys.has(key)) {
    return `is signed with the key \`${key}\`, which is ${keys.isPinned ? 'not a trusted one' : "not the trail's own"}`
  }
  const isGood = keys.verify(key, signedMessage(signature.size, root), signature.rootSignature)
  return isGood ? undefined : 'has a signature that does not verify'
}

function joinFault(commit: Commit, before: Commit | undefined): string | undefined {
  const isSame =
    before?.key === commit.key &&
    equalBytes(before.root, commit.root) &&
    equalBytes(before.signature.rootSignature, commit.signature.rootSignature)
  return isSame ? undefined : 'is not signed together with the rest of its commit'
}
