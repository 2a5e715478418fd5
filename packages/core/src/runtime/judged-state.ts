import { counterKey, charged, isSetBack, usedUp, type Charge } from '../approval/counters.ts'
import { markKey, markWrite, parseMark } from '../approval/marks.ts'
import type { ApprovalMemory } from '../approval/memory.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { RecordedCharge } from '../audit/record-draft.ts'
import type { LimitTerm, StateReadings } from '../policy/state-terms.ts'
import { clockFault } from './clock-check.ts'
import type { CommitView } from './commit-job.ts'
import type { RuledCall } from './judge.ts'

/** What limits and sequences say at one decision. */
export interface JudgedState {
  readonly readings: StateReadings
  /** What is wrong with the clocks, where that was asked for. */
  fault(): string | undefined
}

/** The state that limits and sequences of a call read and write. */
export function termKeys({ terms }: Pick<RuledCall, 'terms'>): readonly string[] {
  if (terms === undefined) return []
  return [
    ...terms.limits.map(({ counter }) => counterKey(counter)),
    ...terms.afters.map(({ mark }) => markKey(mark)),
    ...terms.triggers.map(markKey),
  ]
}

/** Reads limits and sequences. Where the clocks disagree, or a counter was set back, nothing is known. */
export function judgedState(call: RuledCall, view: CommitView, memory: ApprovalMemory): JudgedState {
  let asked = false
  const fault = call.ruling === undefined ? clockFault(view) : undefined
  const { now } = view
  return {
    fault: () => (asked ? fault : undefined),
    readings: {
      now,
      used: ({ counter, perMs }) => {
        asked = true
        const value = view.get(counterKey(counter))
        const own = memory.ownCharges(counter)
        const wrong = fault !== undefined || (own !== undefined && isSetBack(own, value, { perMs, now }))
        return wrong ? undefined : usedUp(value, perMs, now)
      },
      lastAllowedAt: ({ mark }) => {
        asked = true
        return fault === undefined ? later(parseMark(view.get(markKey(mark))), memory.markedAt(mark)) : undefined
      },
    },
  }
}

/** What an allowed call is charged. */
export function chargesOf(call: RuledCall, view: CommitView, readings: StateReadings): readonly Charged[] {
  const limits = call.terms === undefined ? [] : call.policy.chargesOf(call.event, readings)
  return limits.flatMap((limit) => chargeOf(limit, view.now))
}

/** A charge as it is recorded, and as it is counted. */
export interface Charged {
  readonly recorded: RecordedCharge
  readonly charge: Charge
}

/** The writes that count charges and set the marks of an allowed call. */
export function allowedWrites(call: RuledCall, view: CommitView, charges: readonly Charged[]): readonly StateWrite[] {
  const counters = new Map<string, string>()
  for (const { charge } of charges) {
    const key = counterKey(charge.counter)
    counters.set(key, charged(counters.get(key) ?? view.get(key), charge))
  }
  // A clock that stepped back must not set a mark that is over when it is right again.
  const at = Math.max(view.now, Number.isNaN(view.headAt) ? view.now : view.headAt)
  const marks = (call.terms?.triggers ?? []).map((mark) => markWrite(mark, view.get(markKey(mark)), at))
  return [...[...counters].map(([key, value]) => ({ key, value })), ...marks]
}

function chargeOf({ rule, counter, perMs, charge: amount }: LimitTerm, at: number): readonly Charged[] {
  if (amount === undefined) return []
  return [{ recorded: { rule, counter, perMs, amount }, charge: { counter, perMs, amount, at } }]
}

// What was seen here counts, also where it is gone from the database.
function later(stored: number | 'never' | undefined, seen: number | undefined): number | 'never' | undefined {
  if (seen === undefined || stored === undefined) return stored
  return stored === 'never' ? seen : Math.max(stored, seen)
}

/** Takes note of what a durable decision charged and of the marks that it set. */
export function sawAllowed(
  { charges, marks }: { readonly charges: readonly Charge[]; readonly marks: readonly string[] },
  now: number,
  memory: ApprovalMemory,
): void {
  for (const charge of charges) memory.sawCharge(charge, 'charged')
  for (const mark of marks) memory.sawMark(mark, now)
}
