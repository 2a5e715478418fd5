import { equalBytes } from '../kernel/bytes.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import type { ChainHead, ChainStore } from './chain-store.ts'
import { type CheckpointWatch, type FoundCheckpoint, checkpointWatch, strayCheckpoints } from './checkpoint-watch.ts'
import type { Checkpoint } from './checkpoint.ts'
import { decodeBody } from './decode-body.ts'
import type { HeadRecord } from './head-file.ts'
import type { Inspector } from './inspector.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import { frontierRoot } from './merkle.ts'
import { type OutsideHeads, outsideHeads } from './outside-heads.ts'
import { type Scan, scanChain } from './scan-chain.ts'
import {
  adoptedNote,
  ageNotes,
  depthNotes,
  doubtNote,
  erasedNote,
  headNotes,
  keyNotes,
  lossNote,
} from './verify-notes.ts'
import {
  type ChainReport,
  type StoreReport,
  VERIFY_EXIT_CODES,
  type VerifyProgress,
  type VerifyStatus,
  worst,
} from './verify-report.ts'
import type { RowDepth, RowWalk } from './verify-row.ts'

/** What is known from outside the store, how deep to look, and who wants to hear how far it is. */
export interface VerifyOptions extends RowDepth {
  /** The vkeys that may have signed, pinned from outside. Without any, only consistency can be shown. */
  readonly trust?: readonly string[] | undefined
  /** Heads kept outside the store: each must still be in its chain. Without one, nothing says where a chain ends. */
  readonly heads?: readonly HeadRecord[] | undefined
  /** Heads that whoever verifies vouches for, signed or not; they count like those above. */
  readonly checkpoints?: readonly Checkpoint[] | undefined
  /** Checkpoints that stand beside the records, read before anything else: each must agree with them. */
  readonly stored?: readonly FoundCheckpoint[] | undefined
  /** Milliseconds since 1970: where no record is as young, the trail counts as cut. */
  readonly newestSince?: number | undefined
  /** Holds a chain against more than what the trail alone says: one inspector a chain. */
  readonly inspector?: ((head: ChainHead) => Inspector) | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
}

/** Verifies all chains of a store, page by page; the worst finding wins. Errors of the store itself are thrown. */
export async function verifyStore(store: ChainStore, options: VerifyOptions = {}): Promise<StoreReport> {
  const heads = await store.chains()
  const chains: ChainReport[] = []
  for (const head of heads) chains.push(await verifyChain(store, head, options))
  const notes = [...absenceNotes(heads, options), ...ageNotes(newestOf(chains), options.newestSince)]
  const status = worst([...chains.map((chain) => chain.status), ...notes.map(() => 'truncated' as const)])
  const firstBad = chains.find((chain) => chain.status === status)?.firstBad
  const all = [...new Set([...notes, ...chains.flatMap((chain) => chain.notes)])]
  const records = chains.reduce((sum, chain) => sum + chain.records, 0)
  return { status, exitCode: VERIFY_EXIT_CODES[status], records, ...(firstBad && { firstBad }), notes: all, chains }
}

function absenceNotes(
  heads: readonly ChainHead[],
  { heads: known = [], checkpoints = [], stored = [] }: VerifyOptions,
): readonly string[] {
  const origins = new Set(heads.map(({ origin }) => origin))
  const gone = [...known, ...checkpoints].filter(({ origin, size }) => size > 0 && !origins.has(origin))
  const notes = [
    ...gone.map(({ origin, size }) => `the trail \`${origin}\`, which had ${String(size)} records, is gone`),
    ...strayCheckpoints(stored, heads).map((key) => `the trail of the checkpoint \`${key.slice(0, 120)}\` is gone`),
  ]
  if (heads.length > 0) return notes
  return [...notes, 'there is no trail: nothing was recorded, or all of it was deleted']
}

function newestOf(chains: readonly ChainReport[]): number | undefined {
  const times = chains.flatMap(({ newestAt }) => newestAt ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
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
    return report(head, { status: 'tampered', bad: { seq: 0, what } }, undefined)
  }
  const outside = outsideHeads(options, head.origin, keys)
  const { onProgress, trust = [], stored = [] } = options
  const watch = checkpointWatch(stored, head, trust.length > 0 ? trust : [head.vkey])
  const inspector = options.inspector?.(head)
  const scan = await scanChain(store, { head, keys, outside, watch, inspector, onProgress, depth: options })
  const fault = await faultOf(store, head, { scan, outside, watch })
  const found = fault ?? proof({ keys, outside, scan, depth: options })
  return report(head, { ...found, notes: [...outside.notes, ...notesOf(scan, found)] }, scan.walk)
}

function notesOf({ gaps, erased, inspection, doubted }: Scan, { bad }: Finding): readonly string[] {
  const inspected = inspection?.notes ?? []
  return [
    ...adoptedNote(gaps.adoptedAt),
    ...lossNote(gaps.lossAt),
    ...erasedNote(erased),
    ...inspected,
    ...doubtNote(doubted, bad),
  ]
}

interface Finding {
  readonly status: VerifyStatus
  readonly bad?: { readonly seq: number; readonly what: string }
  readonly proven?: readonly string[]
  readonly notes?: readonly string[]
}

function report({ chain, origin }: ChainHead, finding: Finding, walk: RowWalk | undefined): ChainReport {
  const { status, bad, notes = [], proven = [] } = finding
  return {
    chain,
    origin,
    status,
    exitCode: VERIFY_EXIT_CODES[status],
    records: walk?.size ?? 0,
    root: frontierRoot(walk?.frontier ?? []),
    newestAt: walk === undefined || walk.body === '' ? undefined : decodeBody(walk.body, 'any').at,
    ...(bad && { firstBad: { chain, ...bad } }),
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
  readonly keys: KeyRing
  readonly outside: OutsideHeads
  readonly scan: Scan
  readonly depth: RowDepth
}

function proof({ keys, outside, scan: { walk, inspection }, depth }: Proven): Finding {
  const isProven = keys.isPinned && outside.size > 0 && inspection?.isProven !== false
  const status = isProven ? 'authentic' : 'integrity_only'
  const proven = [...keyNotes(keys.isPinned), ...headNotes(walk.size, outside.size), ...depthNotes(depth)]
  return { status, proven }
}

async function faultOf(
  store: ChainStore,
  head: ChainHead,
  { scan, outside, watch }: Pick<Proven, 'scan' | 'outside'> & { readonly watch: CheckpointWatch },
): Promise<Finding | undefined> {
  const { bad, doubted, walk } = scan
  if (bad !== undefined) return tampered(bad)
  if (walk.size < head.size) return doubted === undefined ? missing(walk.size) : tampered(doubted)
  const fault = (await strayFault(store, head)) ?? endFault(scan, head) ?? outside.fault(walk.size)
  const found = fault ?? watch.fault(walk.size)
  // Where the end is missing, so is what the state beside it rests on: that is no finding of its own.
  return found ?? (doubted && tampered(doubted))
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
