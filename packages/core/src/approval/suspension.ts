import { type Json, isJsonObject } from '../kernel/json.ts'
import { type Applied, parseApplied, parseState } from './applied.ts'
import type { StateWrite } from './state-store.ts'
import type { ResumeStatement, SuspendStatement } from './statement.ts'
import { type Notary, isAmong, signerOf } from './trusted.ts'

/** Where all suspensions stand: one key, because every decision reads it. */
export const SUSPENSION = 'suspension'

/** The most targets that are kept, suspended and resumed together. */
export const MAX_TARGETS = 1000

/** How many lifted suspensions of one target are remembered, for whoever saw one of them stand. */
const MAX_LIFTED = 16

/** A statement about one target; of several the last is the newest. */
export type TargetState = Applied<SuspendStatement | ResumeStatement>

/** The statements about all targets, each target's newest last. A damaged value throws: nobody knows who may act. */
export function parseSuspension(value: string | undefined): readonly TargetState[] {
  if (value === undefined) return []
  const entries = parseState(value)?.['entries']
  const parsed = Array.isArray(entries) ? entries.map((entry: Json) => parseTarget(entry)) : [undefined]
  if (!parsed.every((entry) => entry !== undefined)) throw new Error('the list of suspensions is damaged')
  return parsed
}

/** The list with a newer statement about its target: a resume takes the place of what it lifts. */
export function suspensionWrite(entries: readonly TargetState[], newest: TargetState): StateWrite {
  const { actor } = newest.statement
  const others = entries.filter(({ statement }) => statement.actor !== actor)
  const lifted = entries.filter(({ statement }) => statement.actor === actor && statement.kind === 'resume')
  return {
    key: SUSPENSION,
    value: JSON.stringify({ v: 1, entries: [...others, ...lifted.slice(1 - MAX_LIFTED), newest] }),
  }
}

/** The newest statement about a target; undefined where there is none. */
export function newestOf(entries: readonly TargetState[], actor: string | null): TargetState | undefined {
  return entries.findLast(({ statement }) => statement.actor === actor)
}

/** A suspension that stands: who, why and since when. */
export interface Standing {
  readonly actor: string | null
  readonly id: string
}

/**
 * The suspension that stops these agents, or undefined. A resume counts only where somebody trusted signed it;
 * `remembered` are the suspensions that this process saw: they end by such a resume alone.
 */
export function suspensionOf(
  agents: readonly string[],
  state: { readonly entries: readonly TargetState[]; readonly remembered: ReadonlyMap<string | null, string> },
  notary: () => Notary,
): Standing | undefined {
  for (const actor of [null, ...agents]) {
    const entry = newestOf(state.entries, actor)
    if (entry !== undefined && (entry.statement.kind === 'suspend' || !isLifting(entry, notary()))) {
      return { actor, id: entry.statement.id }
    }
    const seen = state.remembered.get(actor)
    const lifting = state.entries.find((other) => other.statement.actor === actor && lifts(other, state.remembered))
    if (seen !== undefined && (lifting === undefined || !isLifting(lifting, notary()))) return { actor, id: seen }
  }
  return undefined
}

// Nobody lets themselves go on.
function isLifting(entry: TargetState, notary: Notary): boolean {
  const name = signerOf(entry, notary)
  const { actor } = entry.statement
  return name !== undefined && (actor === null || !isAmong(entry, name, [actor]))
}

/** Whether an entry is the resume of the very suspension that is remembered; an older one, put back, is not. */
export function lifts({ statement }: TargetState, remembered: ReadonlyMap<string | null, string>): boolean {
  return statement.kind === 'resume' && statement.suspension === remembered.get(statement.actor)
}

function parseTarget(value: Json): TargetState | undefined {
  return isJsonObject(value) ? parseApplied(value, 'suspend', 'resume') : undefined
}
