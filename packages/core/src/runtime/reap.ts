import { CapFenceError } from '../kernel/errors.ts'
import type { BaseDBEngine } from './base-db-engine.ts'
import type { CommitJob } from './commit-job.ts'
import { type LeaseTimes, parseLease } from './lease.ts'
import { type OpenDecision, closing, outcomeDraft } from './outcome.ts'
import { LEASES, callKey, leaseKey, openKey, opensOf } from './state-keys.ts'

const PAGE = 100

/** The jobs that close what dead writers left open: each decision's outcome becomes `unknown`, in this writer's chain. */
export async function reapJobs(engine: BaseDBEngine, reaper: Reaper): Promise<readonly CommitJob<unknown>[]> {
  const now = await engine.now()
  const jobs: CommitJob<unknown>[] = []
  for await (const writer of deadWriters(engine, { ...reaper, now })) {
    const opens = await engine.list({ prefix: opensOf(writer), limit: PAGE })
    jobs.push(
      reapJob(
        writer,
        opens.map((entry) => parseOpen(entry.value, writer)),
        reaper,
      ),
    )
  }
  return jobs
}

export interface Reaper {
  readonly writer: string
  readonly times: LeaseTimes
}

// A page of opens at a time; the lease goes with the last page, so that what is left is found again.
function reapJob(writer: string, opens: readonly OpenDecision[], reaper: Reaper): CommitJob<unknown> {
  const lease = leaseKey(writer)
  return {
    keys: [lease, ...opens.flatMap((open) => [openKey(writer, open.eventId), callKey(open.eventId)])],
    apply: (view) => {
      const at = parseLease(view.get(lease))
      if (at === undefined || !isDead(at, view.now, reaper.times)) return { drafts: [], writes: [], value: undefined }
      const left = opens.filter((open) => view.get(openKey(writer, open.eventId)) !== undefined)
      const facts = { outcome: 'unknown', by: 'lease' } as const
      return {
        drafts: left.map((open) => outcomeDraft(open, facts, reaper.writer)),
        writes: [
          ...left.flatMap((open) => closing(open, facts, view)),
          ...(opens.length < PAGE ? [{ key: lease, value: null }] : []),
        ],
        value: undefined,
      }
    },
  }
}

async function* deadWriters(engine: BaseDBEngine, reaper: Reaper & { readonly now: number }): AsyncIterable<string> {
  for (let after: string | undefined; ;) {
    const page = await engine.list({ prefix: LEASES, after, limit: PAGE })
    for (const { key, value } of page) {
      const writer = key.slice(LEASES.length)
      const at = parseLease(value)
      if (writer !== reaper.writer && at !== undefined && isDead(at, reaper.now, reaper.times)) yield writer
    }
    if (page.length < PAGE) return
    after = page.at(-1)?.key
  }
}

function isDead(leaseAt: number, now: number, times: LeaseTimes): boolean {
  return now - leaseAt > times.deadAfterMs
}

function parseOpen(value: string, writer: string): OpenDecision {
  const { eventId, chain, seq } = JSON.parse(value) as Record<string, unknown> // checked in the next line
  if (typeof eventId !== 'string' || typeof chain !== 'string' || typeof seq !== 'number') {
    throw new CapFenceError(
      'AUDIT_CORRUPT',
      `an open decision of writer \`${writer}\` is damaged; run \`capfence verify\``,
    )
  }
  return { eventId, writer, place: { chain, seq } }
}
