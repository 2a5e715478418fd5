import type { Outcome } from '../action/verdict.ts'
import { idIndex } from './id-index.ts'
import type { Cuttable, DecisionBody, OutcomeBody, RecordBody } from './record-body.ts'

/** Holds outcomes against the decisions that they belong to, and decisions against earlier ones of the same event. */
export interface OutcomeLedger {
  /** Takes the next good record of the chain; answers what is wrong with it, if anything. */
  next(body: RecordBody): Promise<string | undefined> | string | undefined
}

/** Reads one record of a chain again, or undefined where it is not there or not readable. */
export type Lookup = (chain: string, seq: number) => Promise<RecordBody | undefined>

const MAX_RECENT = 8192

// What is known of a record, as one byte: no decision that lets something run; one without an outcome; or its outcome.
const NOTHING = 0
const RUNS = 1
const STATES: Readonly<Record<Outcome, number>> = {
  caller: 1,
  unknown: 2,
  succeeded: 3,
  failed: 4,
  timed_out: 5,
  not_executed: 6,
}

/** An empty ledger for a chain. */
export function outcomeLedger(chain: string, lookup: Lookup): OutcomeLedger {
  let states = new Uint8Array(1024)
  const recentIds = new Map<number, string>()
  const lastById = idIndex()

  function open(body: DecisionBody): Promise<string | undefined> | undefined {
    const id = idOf(body.event.id)
    const before = lastById.put(id, body.seq)
    note(body.seq, id)
    // What is known never to have run may be allowed again.
    return before === undefined || states[before] === STATES.not_executed ? undefined : twice(id, before)
  }

  // Ids may share a place in the index, so the earlier record itself is asked.
  async function twice(id: string, before: number): Promise<string | undefined> {
    const found = await lookup(chain, before)
    if (found?.kind !== 'decision' || idOf(found.event.id) !== id) return undefined
    return `lets an event run that record ${String(before)} let run already`
  }

  function note(seq: number, id: string): void {
    set(seq, RUNS)
    const [oldest] = recentIds.keys()
    if (recentIds.size >= MAX_RECENT && oldest !== undefined) recentIds.delete(oldest)
    recentIds.set(seq, id)
  }

  function set(seq: number, state: number): void {
    if (seq >= states.length) {
      const longer = new Uint8Array(Math.max(states.length * 2, seq + 1))
      longer.set(states)
      states = longer
    }
    states[seq] = state
  }

  function close(body: OutcomeBody): Promise<string | undefined> | string | undefined {
    const { of, outcome, event_id: id } = body
    if (of.chain !== chain) return elsewhere(body)
    const state = states[of.seq] ?? NOTHING
    if (of.seq >= body.seq || state === NOTHING)
      return 'is the outcome of no decision before it that lets something run'
    const next = STATES[outcome]
    // A late outcome supersedes `unknown`; to say the same twice is no contradiction.
    if (state !== next && state !== RUNS && state !== STATES.unknown)
      return 'contradicts an outcome that was recorded before'
    set(of.seq, next)
    const known = recentIds.get(of.seq)
    return known === undefined ? elsewhere(body) : mismatch(known, id)
  }

  async function elsewhere({ of, event_id: id }: OutcomeBody): Promise<string | undefined> {
    const found = await lookup(of.chain, of.seq)
    if (found?.kind !== 'decision' || found.outcome === 'none') {
      return `is the outcome of record ${String(of.seq)} in \`${of.chain}\`, which is no decision that lets something run`
    }
    return mismatch(idOf(found.event.id), id)
  }

  return {
    next: (body) => {
      if (body.kind === 'decision') return body.outcome === 'none' ? undefined : open(body)
      return body.kind === 'outcome' ? close(body) : undefined
    },
  }
}

function mismatch(known: string, id: Cuttable<string>): string | undefined {
  return known === idOf(id) ? undefined : 'names another event than the decision that it belongs to'
}

// Cut alike in both places, or in neither: a digest is compared as it stands.
function idOf(id: Cuttable<string>): string {
  return typeof id === 'string' ? id : id.truncated
}
