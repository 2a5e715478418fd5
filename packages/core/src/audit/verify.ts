import { equalBytes } from '../kernel/bytes.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import type { ChainHead, ChainStore } from './chain-store.ts'
import type { HeadRecord } from './head-file.ts'
import type { Inspection, Inspector } from './inspector.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import { type OutsideHeads, outsideHeads } from './outside-heads.ts'
import { type Scan, scanChain } from './scan-chain.ts'
import { adoptedNote, erasedNote, headNotes, keyNotes } from './verify-notes.ts'
import {
  type ChainReport,
  type StoreReport,
  VERIFY_EXIT_CODES,
  type VerifyProgress,
  type VerifyStatus,
  worst,
} from './verify-report.ts'

/** What is known from outside the store, and who wants to hear how far it is. */
export interface VerifyOptions {
  /** The vkeys that may have signed, pinned from outside. Without any, only consistency can be shown. */
  readonly trust?: readonly string[] | undefined
  /** Heads kept outside the store: each must still be in its chain. Without one, nothing says where a chain ends. */
  readonly heads?: readonly HeadRecord[] | undefined
  /** Holds a chain against more than what the trail alone says: one inspector a chain. */
  readonly inspector?: ((head: ChainHead) => Inspector) | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
}

/** Verifies all chains of a store, page by page; the worst finding wins. Errors of the store itself are thrown. */
export async function verifyStore(store: ChainStore, options: VerifyOptions = {}): Promise<StoreReport> {
  const heads = await store.chains()
  const chains: ChainReport[] = []
  for (const head of heads) chains.push(await verifyChain(store, head, options))
  const gone = (options.heads ?? []).filter((outside) => !heads.some((head) => head.origin === outside.origin))
  const notes = gone.map(({ origin, size }) => `the trail \`${origin}\`, which had ${String(size)} records, is gone`)
  if (heads.length === 0) notes.push('there is no trail: nothing was recorded, or all of it was deleted')
  const status = worst([...chains.map((chain) => chain.status), ...notes.map(() => 'truncated' as const)])
  const firstBad = chains.find((chain) => chain.status === status)?.firstBad
  const all = [...new Set([...notes, ...chains.flatMap((chain) => chain.notes)])]
  const records = chains.reduce((sum, chain) => sum + chain.records, 0)
  return { status, exitCode: VERIFY_EXIT_CODES[status], records, ...(firstBad && { firstBad }), notes: all, chains }
}

/** Verifies one chain up to a head row of its store, in bounded memory: rows, hashes, signatures, outcomes, kept values. */
export async function verifyChain(
  store: ChainStore,
  head: ChainHead,
  options: VerifyOptions = {},
): Promise<ChainReport> {
  const keys = ringOf(options.trust ?? [], head)
  if (keys === undefined) {
    const what = 'the head row names a key that cannot be one'
    return report(head, { status: 'tampered', records: 0, bad: { seq: 0, what }, notes: [] })
  }
  const outside = outsideHeads(options.heads ?? [], head.origin, keys)
  const { onProgress } = options
  const scan = await scanChain(store, { head, keys, outside, inspector: options.inspector?.(head), onProgress })
  const fault = await faultOf(store, head, scan)
  const notes = notesOf(outside, scan)
  const records = scan.walk.size
  const wrong = fault ?? outside.fault(records)
  if (wrong !== undefined) return report(head, { ...wrong, records, notes })
  return report(head, { ...proof({ records, keys, outside, inspection: scan.inspection }), records, notes })
}

function notesOf(outside: OutsideHeads, { adoptedAt, erased, inspection }: Scan): readonly string[] {
  return [...outside.notes, ...adoptedNote(adoptedAt), ...erasedNote(erased), ...(inspection?.notes ?? [])]
}

interface Finding {
  readonly status: VerifyStatus
  readonly bad?: { readonly seq: number; readonly what: string }
}

function report(
  { chain, origin }: ChainHead,
  finding: Finding & {
    readonly records: number
    readonly notes: readonly string[]
    readonly proven?: readonly string[]
  },
): ChainReport {
  const { status, bad, records, notes, proven = [] } = finding
  const firstBad = bad && { firstBad: { chain, ...bad } }
  return {
    chain,
    origin,
    status,
    exitCode: VERIFY_EXIT_CODES[status],
    records,
    ...firstBad,
    notes: [...proven, ...notes],
  }
}

function ringOf(trust: readonly string[], head: ChainHead): KeyRing | undefined {
  try {
    return keyRing(trust, head.vkey)
  } catch (cause) {
    // A bad pinned key is the caller's mistake; a bad key in the store is what we are here to find.
    if (trust.length === 0 && isCapFenceError(cause) && cause.code === 'KEY_INVALID') return undefined
    throw cause
  }
}

interface Proven {
  readonly records: number
  readonly keys: KeyRing
  readonly outside: OutsideHeads
  readonly inspection: Inspection | undefined
}

function proof({ records, keys, outside, inspection }: Proven): Finding & { readonly proven: readonly string[] } {
  const isProven = keys.isPinned && outside.size > 0 && inspection?.isProven !== false
  const status = isProven ? 'authentic' : 'integrity_only'
  return { status, proven: [...keyNotes(keys.isPinned), ...headNotes(records, outside.size)] }
}

async function faultOf(store: ChainStore, head: ChainHead, scan: Scan): Promise<Finding | undefined> {
  if (scan.bad !== undefined) return tampered(scan.bad)
  if (scan.walk.size < head.size) return missing(scan.walk.size)
  return (await strayFault(store, head)) ?? endFault(scan, head)
}

// What the head row counts and hashes must be what is really there.
function endFault({ walk }: Scan, head: ChainHead): Finding | undefined {
  if (walk.size === 0 || !walk.isCommitComplete) return missing(walk.size)
  if (!equalBytes(walk.entry, head.entry))
    return tampered({ seq: walk.size - 1, what: 'is not the record that the head row names as the last' })
  const isSameTree =
    walk.frontier.length === head.frontier.length &&
    walk.frontier.every((root, at) => equalBytes(root, head.frontier[at] ?? new Uint8Array()))
  if (isSameTree) return undefined
  return tampered({
    seq: walk.size - 1,
    what: 'is the last, but the tree in the head row is not the one over the records',
  })
}

// A writer may extend the chain while we read it, so what stands beyond the head is held against a head read after it.
async function strayFault(store: ChainStore, { chain, size }: ChainHead): Promise<Finding | undefined> {
  const [beyond] = await store.records({ chain, from: size, limit: 1 })
  const values = await store.values({ chain, from: size, to: Number.MAX_SAFE_INTEGER })
  const now = (await store.chains()).find((head) => head.chain === chain)?.size ?? 0
  if (now < size) return { status: 'truncated', bad: { seq: now, what: 'was removed while the trail was read' } }
  if (beyond !== undefined && beyond.seq >= now) {
    return tampered({ seq: beyond.seq, what: 'stands beyond the end that the head row names' })
  }
  const stray = values.find((value) => value.seq >= now)
  return stray && { status: 'truncated', bad: { seq: stray.seq, what: 'is missing, but a value of it is still kept' } }
}

function missing(seq: number): Finding {
  return { status: 'truncated', bad: { seq, what: 'is missing' } }
}

function tampered(bad: { readonly seq: number; readonly what: string }): Finding {
  return { status: 'tampered', bad }
}
