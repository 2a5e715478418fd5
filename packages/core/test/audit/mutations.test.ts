import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PendingRequest, parseRequest, requestKey } from '../../src/approval/requests.ts'
import { type Draw, differences, drawFrom, dump, mutate, readers } from './mutations.ts'
import { type StoredTrail, sharedFolder, storedTrail, verifyFile } from './stored-trail.ts'

// One command for all of them: CAPFENCE_MUTATIONS=10000 vitest run …/mutations.test.ts. A survivor's seed makes it again:
// CAPFENCE_MUTATION_SEED=<seed> CAPFENCE_MUTATIONS=1.
const COUNT = Number(process.env['CAPFENCE_MUTATIONS'] ?? 300)
const FIRST_SEED = Number(process.env['CAPFENCE_MUTATION_SEED'] ?? 1)

const shared = sharedFolder()
let trail: StoredTrail
let clean: readonly string[]
let whole: ReadonlyMap<string, string>
let read: string
beforeAll(async () => {
  trail = await storedTrail(shared.folder)
  const report = await verifyFile(trail.path, trail.known)
  clean = 'notes' in report ? report.notes : []
  whole = dumpOf(trail.path)
  read = readOf(trail.path)
})
afterAll(() => shared.remove())

function dumpOf(path: string): ReadonlyMap<string, string> {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return dump(db)
  } catch {
    return new Map() // so damaged that not all of it can be read: that is another content
  } finally {
    db.close()
  }
}

// What the engine's own queries give, whose columns may come from an index.
function readOf(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return readers(db)
  } catch {
    return ''
  } finally {
    db.close()
  }
}

/**
 * What the trail does not speak of, so that no verifier could miss it: leases, open marks, backlogs and claims of calls,
 * which say who runs now (a claim that is gone is found once its event runs again), and whatever nobody reads. Versions,
 * by which commits find conflicts, and salts of requests that nobody answered yet are in no dump.
 */
const BOOKKEEPING =
  /^(?:state (?!grants\/|request\/|limit\/|after\/|marks\/|policy\/|checkpoint\/|suspension)|meta |capfence_migration)/

/**
 * A request that lost something, or is under another key than its own and so read by nobody, lets nothing through that
 * it did not before: the agent asks again. One that is used less, or approved otherwise, does.
 */
function isNoMore(place: string, now: ReadonlyMap<string, string>): boolean {
  if (!place.startsWith('state request/')) return false
  const [before, after] = [requestAt(place, whole), requestAt(place, now)]
  if (after === undefined || place !== `state ${requestKey(after.digest)}`) return true
  return before !== undefined && after.used >= before.used && isDeepStrictEqual(after.approvals, before.approvals)
}

function requestAt(place: string, rows: ReadonlyMap<string, string>): PendingRequest | undefined {
  const row = rows.get(place)
  return row === undefined ? undefined : parseRequest((JSON.parse(row) as { value: string }).value)
}

// A checkpoint that is gone was evidence, and hides nothing: records and heads outside say what it said.
const CHECKPOINT = /^state checkpoint\//

type Outcome = 'found' | 'told' | 'survived'

// Told: the records stand, and a note says what no longer does (a value was erased, a policy is not kept).
async function outcomeOf(path: string): Promise<Outcome> {
  const report = await verifyFile(path, trail.known)
  if ('code' in report || report.exitCode === 1 || report.exitCode === 4) return 'found'
  return report.exitCode !== 0 || report.notes.join('\n') !== clean.join('\n') ? 'told' : 'survived'
}

interface Made {
  readonly what: string
  /** The tables and keys of the rows that changed. */
  readonly changed: readonly string[]
  readonly now: ReadonlyMap<string, string>
}

function inTables(draw: Draw, path: string): string | undefined {
  copyFileSync(trail.path, path)
  const db = new DatabaseSync(path)
  try {
    const mutation = mutate(db, draw)
    return mutation && `${mutation.table} ${mutation.where}: ${mutation.what}`
  } finally {
    db.close()
  }
}

function inFile(draw: Draw, path: string): string {
  const bytes = readFileSync(trail.path)
  const at = draw(bytes.length)
  bytes[at] = (bytes[at] ?? 0) ^ (1 + draw(255))
  writeFileSync(path, bytes)
  return `byte ${String(at)} of the file`
}

// The next mutation of a seed that changes anything.
function made(seed: number, path: string): Made {
  const draw = drawFrom(seed)
  for (;;) {
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true })
    const isInFile = draw(8) === 0
    const what = isInFile ? inFile(draw, path) : inTables(draw, path)
    if (what === undefined) continue
    const now = dumpOf(path)
    // A table and its index may then differ; what no query of the engine comes upon is no change of the trail.
    const changed = isInFile && readOf(path) === read ? [] : differences(whole, now)
    if (changed.length > 0) return { what, changed, now }
  }
}

// What may be told and no more: what is erased, and what the state allows less than the trail.
const MAY_BE_TOLD = /^(?:value|state) /

// Where a row differs, with some of what stands around it.
function sample(place: string, now: ReadonlyMap<string, string>): string {
  const [before = '', after = ''] = [whole.get(place), now.get(place)]
  const at = Array.from(before).findIndex((char, index) => char !== after[index])
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 40), at + 20))
  return `${place}: ${around(before)} became ${around(after)}`
}

test(`each of ${String(COUNT)} mutations is found`, { timeout: 60_000 + COUNT * 200 }, async () => {
  const survivors: string[] = []
  const counts = { found: 0, told: 0, survived: 0, bookkeeping: 0 }
  const path = `${trail.path}.mutated`
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const { what, changed, now } = made(seed, path)
    const outcome = await outcomeOf(path)
    const isFound = outcome === 'found' || (outcome === 'told' && changed.every((place) => MAY_BE_TOLD.test(place)))
    const isGone = (place: string): boolean => CHECKPOINT.test(place) && !now.has(place)
    const isBookkeeping = changed.every((place) => BOOKKEEPING.test(place) || isNoMore(place, now) || isGone(place))
    counts[isFound || !isBookkeeping ? outcome : 'bookkeeping']++
    if (!isFound && !isBookkeeping)
      survivors.push(
        `seed ${String(seed)}: ${outcome}: ${what}: ${changed.map((place) => sample(place, now)).join(', ')}`,
      )
  }
  if (COUNT > 1000) console.log(`mutations: ${JSON.stringify(counts)}`)
  expect(survivors).toEqual([])
  if (COUNT >= 100) expect(counts.found).toBeGreaterThan(COUNT / 2)
})
