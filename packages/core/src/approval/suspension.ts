import { type Json, isJsonObject } from '../kernel/json.ts'
import { type Applied, parseApplied, parseState } from './applied.ts'
import type { StateWrite } from './state-store.ts'
import type { ResumeStatement, SuspendStatement } from './statement.ts'
import { type Notary, signerOf } from './trusted.ts'

/** Where all suspensions stand: one key, because every decision reads it. */
export const SUSPENSION = 'suspension'

/** The most targets that are kept, suspended and resumed together. */
export const MAX_TARGETS = 1000

/** The newest statement about one target. */
export type TargetState = Applied<SuspendStatement | ResumeStatement>

/** The newest statement about each target. A damaged value throws: nobody knows who may act. */
export function parseSuspension(value: string | undefined): readonly TargetState[] {
  if (value === undefined) return []
  const entries = parseState(value)?.['entries']
  const parsed = Array.isArray(entries) ? entries.map((entry: Json) => parseTarget(entry)) : [undefined]
  if (!parsed.every((entry) => entry !== undefined)) throw new Error('the list of suspensions is damaged')
  return parsed
}

/** The list with a newer statement about its target. */
export function suspensionWrite(entries: readonly TargetState[], newest: TargetState): StateWrite {
  const others = entries.filter(({ statement }) => statement.actor !== newest.statement.actor)
  return { key: SUSPENSION, value: JSON.stringify({ v: 1, entries: [...others, newest] }) }
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
    const entry = state.entries.find(({ statement }) => statement.actor === actor)
    if (entry !== undefined && (entry.statement.kind === 'suspend' || signerOf(entry, notary()) === undefined)) {
      return { actor, id: entry.statement.id }
    }
    const seen = state.remembered.get(actor)
    if (seen !== undefined && (entry === undefined || !lifts(entry, state.remembered))) return { actor, id: seen }
  }
  return undefined
}

/** Whether an entry is the resume of the very suspension that is remembered; an older one, put back, is not. */
export function lifts({ statement }: TargetState, remembered: ReadonlyMap<string | null, string>): boolean {
  return statement.kind === 'resume' && statement.suspension === remembered.get(statement.actor)
}

function parseTarget(value: Json): TargetState | undefined {
  return isJsonObject(value) ? parseApplied(value, 'suspend', 'resume') : undefined
}
