import { COUNTERS } from '../approval/counters.ts'
import { GRANTS, type HeldGrant, grantsKey, isOver, parseGrants } from '../approval/grants.ts'
import { MARKS, parseMark } from '../approval/marks.ts'
import {
  BACKLOGS,
  type PendingRequest,
  REQUESTS,
  parseRequest,
  requestKey,
  requestEndsAt,
} from '../approval/requests.ts'
import type { StateEntry } from '../approval/state-store.ts'
import { SUSPENSION, type TargetState, parseSuspension } from '../approval/suspension.ts'
import type { BaseDBEngine } from './base-db-engine.ts'

/** The state of approvals as it stood at one moment, between two records; what is over by then is left out. */
export interface StandingState {
  /** How many records the chain had. */
  readonly size: number
  /** The engine's clock. */
  readonly now: number
  readonly grants: readonly HeldGrant[]
  readonly requests: readonly PendingRequest[]
  /** Values of counters, by counter. */
  readonly counters: ReadonlyMap<string, string>
  /** When actions were last allowed, by mark; undefined where the value is damaged: then it never lets through. */
  readonly marks: ReadonlyMap<string, number | undefined>
  /** Undefined where the value is damaged: then nothing runs at all. */
  readonly targets: readonly TargetState[] | undefined
  /** All entries that were read, by key, for whoever wants to change them. */
  readonly entries: ReadonlyMap<string, StateEntry>
}

const PAGE = 500
const ATTEMPTS = 5

/** Reads the state of approvals while no record is added; undefined where writers never rest for so long. */
export async function standingState(engine: BaseDBEngine, chain: string): Promise<StandingState | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await engine.read({ chain, keys: [SUSPENSION] })
    if (before.head === undefined) return undefined
    const entries = new Map(before.state)
    for (const prefix of [GRANTS, REQUESTS, BACKLOGS, COUNTERS, MARKS]) {
      for await (const entry of listed(engine, prefix)) entries.set(entry.key, lean(entry, before.now))
    }
    const after = await engine.read({ chain, keys: [] })
    if (after.head?.version === before.head.version) return parsed(entries, before.head.head.size, after.now)
  }
  return undefined
}

// Of a request that is over, of which there may be many, only that it is there is kept.
function lean(entry: StateEntry, now: number): StateEntry {
  const request = entry.key.startsWith(REQUESTS) ? parseRequest(entry.value) : undefined
  return request !== undefined && now >= requestEndsAt(request) ? { ...entry, value: '' } : entry
}

/** All entries below a prefix, page by page. */
export async function* listed(engine: BaseDBEngine, prefix: string): AsyncIterable<StateEntry> {
  for (let after: string | undefined; ;) {
    const page = await engine.list({ prefix, after, limit: PAGE })
    yield* page
    if (page.length < PAGE) return
    after = page.at(-1)?.key
  }
}

function parsed(entries: ReadonlyMap<string, StateEntry>, size: number, now: number): StandingState {
  const grants: HeldGrant[] = []
  const requests: PendingRequest[] = []
  const counters = new Map<string, string>()
  const marks = new Map<string, number | undefined>()
  for (const { key, value } of entries.values()) {
    if (key.startsWith(GRANTS)) grants.push(...grantsAt(key, value).filter((grant) => !isOver(grant, now)))
    if (key.startsWith(REQUESTS)) requests.push(...requestAt(key, value).filter((each) => now < requestEndsAt(each)))
    if (key.startsWith(COUNTERS)) counters.set(key.slice(COUNTERS.length), value)
    if (key.startsWith(MARKS)) marks.set(key.slice(MARKS.length), timeOf(value))
  }
  const targets = targetsOf(entries.get(SUSPENSION)?.value)
  return { size, now, grants, requests, counters, marks, targets, entries }
}

function timeOf(value: string): number | undefined {
  const at = parseMark(value)
  return typeof at === 'number' ? at : undefined
}

// What stands under another key than its own is not found by any decision.
function grantsAt(key: string, value: string): readonly HeldGrant[] {
  return parseGrants(value).filter(({ statement }) => grantsKey(statement.scope.actor) === key)
}

function requestAt(key: string, value: string): readonly PendingRequest[] {
  const request = parseRequest(value)
  return request !== undefined && requestKey(request.digest) === key ? [request] : []
}

function targetsOf(value: string | undefined): readonly TargetState[] | undefined {
  try {
    return parseSuspension(value)
  } catch {
    return undefined // damaged: every decision is denied
  }
}
