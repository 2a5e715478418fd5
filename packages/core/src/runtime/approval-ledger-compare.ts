import { saysLess, usedUp } from '../approval/counters.ts'
import { type HeldGrant, isLiveGrant } from '../approval/grants.ts'
import type { TargetState } from '../approval/suspension.ts'
import type { RecordFault } from '../audit/inspector.ts'
import { compareDecimals, decimal } from '../facts/decimal.ts'
import { compareRequests } from './approval-ledger-compare-requests.ts'
import {
  type Difference,
  compareUses,
  isSameStatement,
  notApplied,
  otherwise,
  undone,
} from './approval-ledger-difference.ts'
import type { TrailCounter, TrailGrant, TrailState } from './approval-ledger-model.ts'
import type { StandingState } from './approval-ledger-state.ts'

/** What differs between the state and what the trail says. */
export interface StateFinding {
  /** What gives more authority in the state: the first record whose effect is gone, or that had none of this effect. */
  readonly bad: RecordFault | undefined
  /** What gives less: names of grants, requests and counters. */
  readonly less: readonly string[]
}

/** Holds the state against what the trail said up to the very record that the state was read after. */
export function compareState(trail: TrailState, found: StandingState): StateFinding {
  const all = [
    ...compareGrants(trail, found),
    ...compareRequests(trail, found),
    ...compareCounters(trail, found),
    ...compareTargets(trail, found),
    ...compareMarks(trail, found),
  ]
  const faults = all.filter((each) => typeof each !== 'string')
  const [bad] = faults.toSorted((left, right) => left.seq - right.seq)
  return { bad, less: [...new Set(all.filter((each) => typeof each === 'string'))] }
}

function compareGrants(trail: TrailState, { grants, now, size }: StandingState): readonly Difference[] {
  const held = new Set(grants.map(({ statement }) => statement.id))
  const missing = [...trail.grants].filter(([id, grant]) => !held.has(id) && isLiveGrant(grant, now))
  return [
    ...grants.flatMap((grant) => {
      const known = trail.grants.get(grant.statement.id)
      return known === undefined ? [notApplied(nameOf(grant), grant.seq, size)] : compareGrant(known, grant)
    }),
    ...missing.map(([, grant]) => nameOf(grant)),
  ]
}

function compareGrant(known: TrailGrant, found: HeldGrant): readonly Difference[] {
  const name = nameOf(known)
  const same = isSameStatement(known, found) ? [] : [otherwise('applied', name, known.seq)]
  const uses = compareUses(known, found, name)
  if (known.revoked === null) return [...same, ...uses, ...(found.revoked === null ? [] : [name])]
  return found.revoked === null ? [...same, undone('took back', name, known.revoked.seq), ...uses] : [...same, ...uses]
}

function nameOf({ statement }: HeldGrant): string {
  return `the grant \`${statement.id}\``
}

function compareCounters(trail: TrailState, { counters, now }: StandingState): readonly Difference[] {
  // What was forgotten may still stand, and counts for nothing.
  const strays = trail.hasForgotten ? [] : [...counters.keys()].filter((counter) => !trail.counters.has(counter))
  return [
    ...[...trail.counters].flatMap(([counter, known]) =>
      compareCounter(counterName(counter), known, { value: counters.get(counter), now }),
    ),
    ...strays.map(counterName),
  ]
}

function compareCounter(
  name: string,
  { value, perMs, lastCharge }: TrailCounter,
  found: { readonly value: string | undefined; readonly now: number },
): readonly Difference[] {
  const known = decimal(usedUp(value, perMs, found.now) ?? '')
  const stands = decimal(usedUp(found.value, perMs, found.now) ?? '')
  if (known === undefined || stands === undefined) return [name]
  const more = compareDecimals(stands, known)
  if (more < 0 || saysLess(found.value, value, { perMs, now: found.now })) {
    return [{ seq: lastCharge, what: `was charged to ${name}, which counts less in the state` }]
  }
  return more > 0 ? [name] : []
}

function counterName(counter: string): string {
  return `the counter \`${counter.slice(0, 12)}…\``
}

// A mark may be newer than its policy's own decisions say, for the gate also finds what was allowed before that policy;
// never older. One that is damaged is unknown to every rule, and lets nothing through.
function compareMarks(trail: TrailState, { marks, now }: StandingState): readonly Difference[] {
  return [...trail.marks].flatMap(([mark, { at, seq, withinMs }]): readonly Difference[] => {
    const stands = marks.get(mark)
    if (now >= at + withinMs || (stands !== undefined && stands >= at)) return []
    if (stands === undefined && marks.has(mark)) return [`the mark \`${mark.slice(0, 12)}…\``]
    return [{ seq, what: 'let an action run that `after` conditions look for, but the state no longer says so' }]
  })
}

function compareTargets(trail: TrailState, { targets, size }: StandingState): readonly Difference[] {
  if (targets === undefined) return ['the list of suspensions']
  const found = new Map(targets.map((entry) => [entry.statement.actor, entry]))
  const all = new Set([...trail.targets.keys(), ...found.keys()])
  return [...all].flatMap((actor) =>
    compareTarget({ name: targetName(actor), size }, trail.targets.get(actor), found.get(actor)),
  )
}

// A resume, and nothing at all, are alike: nobody is suspended.
function compareTarget(
  { name, size }: { readonly name: string; readonly size: number },
  known: TargetState | undefined,
  found: TargetState | undefined,
): readonly Difference[] {
  const isSuspended = found?.statement.kind === 'suspend'
  if (known?.statement.kind !== 'suspend') return isSuspended ? [`the suspension of ${name}`] : []
  if (!isSuspended) return [undone('suspended', name, known.seq)]
  return isSameStatement(known, found) ? [] : [notApplied(`the suspension of ${name}`, found.seq, size)]
}

function targetName(actor: string | null): string {
  return actor === null ? 'all actors' : `\`${actor}\``
}
