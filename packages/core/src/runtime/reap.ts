import type { RecordPlace } from '../action/verdict.ts'
import { decodeBody } from '../audit/decode-body.ts'
import type { RecordBody } from '../audit/record-body.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { CommitJob, CommitView } from './commit-job.ts'
import { type LeaseTimes, parseLease } from './lease.ts'
import { type OpenDecision, claimOf, closing, outcomeDraft } from './outcome.ts'
import { LEASES, callKey, leaseKey, openKey, opensOf } from './state-keys.ts'

const PAGE = 100

/**
 * The jobs that close what dead writers left open: each decision's outcome becomes `unknown`, in this writer's chain.
 * The state only says where to look. What is recorded follows from the decisions themselves, for whoever can write the
 * database could otherwise have any outcome signed.
 */
export async function reapJobs(engine: BaseDBEngine, reaper: Reaper): Promise<readonly CommitJob<unknown>[]> {
  const now = await engine.now()
  const jobs: CommitJob<unknown>[] = []
  for await (const writer of deadWriters(engine, { ...reaper, now })) {
    const rows = await engine.list({ prefix: opensOf(writer), limit: PAGE })
    const opens: Found[] = []
    for (const { key, value } of rows) opens.push({ key, open: await openDecision(engine, { key, value, writer }) })
    jobs.push(reapJob(writer, opens, reaper))
  }
  return jobs
}

/** Who looks for dead writers. */
export interface Reaper {
  readonly writer: string
  readonly times: LeaseTimes
  /** Told of state that is damaged. */
  fault(message: string): void
}

interface Found {
  readonly key: string
  /** Undefined where the row does not speak of an open decision of its writer. */
  readonly open: OpenDecision | undefined
}

// A page of opens at a time; the lease goes with the last page, so that what is left is found again.
function reapJob(writer: string, found: readonly Found[], reaper: Reaper): CommitJob<unknown> {
  const lease = leaseKey(writer)
  const opens = found.flatMap(({ open }) => (open === undefined ? [] : [open]))
  return {
    keys: [lease, ...found.map(({ key }) => key), ...opens.map((open) => callKey(open.eventId))],
    apply: (view) => {
      const at = leaseOf(view.get(lease))
      if (at === undefined || !isDead(at, view.now, reaper.times)) return { drafts: [], writes: [], value: undefined }
      const left = opens.filter((open) => isRunning(open, view))
      const facts = { outcome: 'unknown', by: 'lease' } as const
      return {
        drafts: left.map((open) => outcomeDraft(open, facts, reaper.writer)),
        writes: [
          ...left.flatMap((open) => closing(open, facts, view)),
          ...found.map(({ key }) => ({ key, value: null })),
          ...(found.length < PAGE ? [{ key: lease, value: null }] : []),
        ],
        value: undefined,
      }
    },
  }
}

function isRunning(open: OpenDecision, view: CommitView): boolean {
  const isOpen = view.get(openKey(open.writer, open.eventId)) !== undefined
  return isOpen && claimOf(open, view)?.status === 'running'
}

async function* deadWriters(engine: BaseDBEngine, reaper: Reaper & { readonly now: number }): AsyncIterable<string> {
  for (let after: string | undefined; ;) {
    const page = await engine.list({ prefix: LEASES, after, limit: PAGE })
    for (const { key, value } of page) {
      const writer = key.slice(LEASES.length)
      const at = leaseOf(value)
      if (at === undefined) reaper.fault(`the lease of writer \`${writer}\` is damaged, so it was passed over`)
      else if (writer !== reaper.writer && isDead(at, reaper.now, reaper.times)) yield writer
    }
    if (page.length < PAGE) return
    after = page.at(-1)?.key
  }
}

function leaseOf(value: string | undefined): number | undefined {
  try {
    return parseLease(value)
  } catch {
    return undefined // damaged: it says nothing about its writer
  }
}

function isDead(leaseAt: number, now: number, times: LeaseTimes): boolean {
  return now - leaseAt > times.deadAfterMs
}

interface OpenRow {
  readonly key: string
  readonly value: string
  readonly writer: string
}

// The decision that a row speaks of, as its own record tells it.
async function openDecision(engine: BaseDBEngine, { key, value, writer }: OpenRow): Promise<OpenDecision | undefined> {
  const place = placeOf(value)
  if (place === undefined) return undefined
  const [record] = await engine.records({ chain: place.chain, from: place.seq, limit: 1 })
  const body = record?.seq === place.seq ? bodyOf(record.body) : undefined
  if (body?.kind !== 'decision' || body.outcome !== 'open' || body.writer !== writer) return undefined
  const { id } = body.event
  return typeof id === 'string' && openKey(writer, id) === key ? { eventId: id, writer, place } : undefined
}

function placeOf(value: string): RecordPlace | undefined {
  try {
    const { chain, seq } = JSON.parse(value) as Record<string, unknown> // checked in the next line
    return typeof chain === 'string' && Number.isSafeInteger(seq) ? { chain, seq: Number(seq) } : undefined
  } catch {
    return undefined // damaged: it speaks of nothing
  }
}

function bodyOf(text: string): RecordBody | undefined {
  try {
    return decodeBody(text)
  } catch {
    return undefined // an unreadable record is for `verify` to name
  }
}
