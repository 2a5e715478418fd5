import { isCapFenceError } from '../kernel/errors.ts'
import type { ChainHead, ChainStore, RecordPage, StoredRecord, StoredValue } from './chain-store.ts'
import type { CheckpointWatch } from './checkpoint-watch.ts'
import { decodeBody } from './decode-body.ts'
import type { Inspection, Inspector, RecordFault } from './inspector.ts'
import type { KeyRing } from './key-ring.ts'
import { type Lookup, type OutcomeLedger, outcomeLedger } from './outcome-ledger.ts'
import type { OutsideHeads } from './outside-heads.ts'
import type { RecordBody } from './record-body.ts'
import type { VerifyProgress } from './verify-report.ts'
import { type RowDepth, type RowWalk, rowWalk } from './verify-row.ts'
import { checkValues } from './verify-values.ts'

/** How many records are held at a time. */
const PAGE = 256

/** What a chain came to. */
export interface Scan {
  /** The walk, as far as the rows were good. */
  readonly walk: RowWalk
  /** The first record that is wrong, by seq. */
  readonly bad: RecordFault | undefined
  /** The first record that the inspector doubts, where no row is wrong. */
  readonly doubted: RecordFault | undefined
  /** What the inspector found in the end; undefined where there was none, or a fault before. */
  readonly inspection: Inspection | undefined
  /** How many committed values are no longer kept. */
  readonly erased: number
  readonly gaps: Gaps
}

/** The last records, by seq, that say that something before them may be gone. */
interface Gaps {
  /** A writer took the trail over without remembering any head. */
  readonly adoptedAt?: number
  /** A person accepted that records were lost. */
  readonly lossAt?: number
}

export interface ScanOptions {
  readonly head: ChainHead
  readonly keys: KeyRing
  readonly outside: OutsideHeads
  readonly watch: CheckpointWatch
  readonly depth: RowDepth
  readonly inspector?: Inspector | undefined
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined
}

/** Walks the rows that a head row counts, page by page, up to the first that is wrong. */
export async function scanChain(store: ChainStore, options: ScanOptions): Promise<Scan> {
  const { head, keys, inspector, depth, onProgress } = options
  const { chain, size: total } = head
  const walk = rowWalk(head, keys, depth)
  const ledger = outcomeLedger(chain, lookupIn(store))
  let erased = 0
  let gaps: Gaps = {}
  const found = (more: Partial<Scan>): Scan => {
    return { walk, bad: undefined, doubted: undefined, inspection: undefined, erased, gaps, ...more }
  }
  while (walk.size < total) {
    const page = await scanPage(store, { ...options, walk, ledger })
    erased += page.erased
    gaps = { ...gaps, ...page.gaps }
    const { bad, doubted } = page
    if (bad !== undefined || doubted !== undefined) return found({ bad, doubted })
    if (page.isEnd) break
    onProgress?.({ chain, records: walk.size, total })
  }
  const inspection = depth.quick === true ? undefined : inspector?.end()
  return found({ doubted: inspection?.bad, inspection })
}

interface Walking extends ScanOptions {
  readonly walk: RowWalk
  readonly ledger: OutcomeLedger
}

interface ScannedPage extends Pick<Scan, 'bad' | 'doubted' | 'erased' | 'gaps'> {
  /** True where no more rows are there. */
  readonly isEnd: boolean
}

const NOTHING: ScannedPage = {
  bad: undefined,
  doubted: undefined,
  erased: 0,
  gaps: {},
  isEnd: false,
}

async function scanPage(store: ChainStore, walking: Walking): Promise<ScannedPage> {
  const { head, walk, inspector } = walking
  const { chain, size: total } = head
  const from = walk.size
  const rows = await readRows(store, { chain, from, limit: Math.min(PAGE, total - from) })
  if (typeof rows === 'string') return { ...NOTHING, bad: { seq: from, what: rows } }
  if (rows.length === 0) return { ...NOTHING, isEnd: true }
  const page = await walkPage(rows, walking)
  const gaps = gapsIn(page.bodies)
  if (walking.depth.quick === true) return { ...NOTHING, gaps, bad: page.bad }
  const values = await store.values({ chain, from, to: walk.size })
  const kept = checkValues(page.bodies, values)
  const bad = kept.bad ?? page.bad
  const doubted = inspector && (await inspect(inspector, { bodies: page.bodies, values, end: bad?.seq }))
  // What the inspector doubts stands before what is wrong: it was asked up to there.
  return { bad: doubted === undefined ? bad : undefined, doubted, erased: kept.erased, gaps, isEnd: false }
}

function gapsIn(bodies: ReadonlyMap<number, RecordBody>): Gaps {
  let gaps: Gaps = {}
  for (const { kind, seq } of bodies.values()) {
    if (kind === 'head_adopted') gaps = { ...gaps, adoptedAt: seq }
    if (kind === 'loss_accepted') gaps = { ...gaps, lossAt: seq }
  }
  return gaps
}

interface Inspected {
  readonly bodies: ReadonlyMap<number, RecordBody>
  readonly values: readonly StoredValue[]
  /** The first record that is known to be wrong. */
  readonly end: number | undefined
}

// Up to what is known to be wrong: neither it nor its values can be believed.
async function inspect(inspector: Inspector, { bodies, values, end }: Inspected): Promise<RecordFault | undefined> {
  const valuesBySeq = Map.groupBy(values, ({ seq }) => seq)
  for (const [seq, body] of bodies) {
    if (seq === end) return undefined
    const pending = inspector.next(body, valuesBySeq.get(seq) ?? [])
    const fault = pending === undefined ? undefined : await pending
    if (fault !== undefined) return fault
  }
  return undefined
}

interface Page {
  readonly bodies: ReadonlyMap<number, RecordBody>
  readonly bad: Scan['bad']
}

async function walkPage(
  rows: readonly StoredRecord[],
  { walk, ledger, outside, watch, depth }: Walking,
): Promise<Page> {
  const bodies = new Map<number, RecordBody>()
  for (const row of rows) {
    const seq = walk.size
    const body = walk.next(row)
    if (typeof body === 'string') return { bodies, bad: { seq, what: body } }
    outside.pass(walk)
    watch.pass(walk)
    if (body === undefined) continue
    bodies.set(seq, body)
    const pending = depth.quick === true ? undefined : ledger.next(body)
    const fault = typeof pending === 'object' ? await pending : pending
    if (fault !== undefined) return { bodies, bad: { seq, what: fault } }
  }
  return { bodies, bad: undefined }
}

// A store that cannot make a record of a row says AUDIT_CORRUPT: the row was edited. Other errors are its own. Then the
// rows before it are read one by one, so that the right one is named.
async function readRows(store: ChainStore, page: RecordPage): Promise<readonly StoredRecord[] | string> {
  try {
    return await store.records(page)
  } catch (cause) {
    if (!isCapFenceError(cause) || cause.code !== 'AUDIT_CORRUPT') throw cause
    return page.limit > 1 ? readRows(store, { ...page, limit: 1 }) : `cannot be read: ${cause.message}`
  }
}

function lookupIn(store: ChainStore): Lookup {
  return async (chain, seq) => {
    const [row] = await store.records({ chain, from: seq, limit: 1 })
    if (row?.seq !== seq) return undefined
    try {
      return decodeBody(row.body)
    } catch (cause) {
      if (isCapFenceError(cause) && cause.code === 'AUDIT_CORRUPT') return undefined
      throw cause
    }
  }
}
