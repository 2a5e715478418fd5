import type { DenyCode } from '../action/verdict.ts'
import type { Spent } from './spent.ts'

/**
 * What an identity stands for. `refused`: a policy denial, final. `asked`: judged anew at each call. `running`: allowed,
 * no outcome yet. `done`: ran. `unknown`: its writer died. `reopened`: known never to have run.
 */
export type CallStatus = 'refused' | 'asked' | 'denied' | 'running' | 'done' | 'unknown' | 'reopened'

/** The claim that a recorded decision lays on its event's id. */
export interface CallState {
  readonly v: 1
  /** The raw action digest that the id is claimed for. */
  readonly digest: string
  readonly status: CallStatus
  /** The newest decision under this id. */
  readonly chain: string
  readonly seq: number
  /** What the newest decision used up, where it did: given back should it be known never to have run. */
  readonly spent?: Spent
  /** For `refused`: the denial that is final. */
  readonly refusal?: { readonly code: DenyCode; readonly rule: string | null; readonly message: string }
}

/** The claim that a state value holds, or undefined where the id is free. */
export function parseCall(value: string | undefined): CallState | undefined {
  if (value === undefined) return undefined
  const call = JSON.parse(value) as CallState // checked below: a damaged claim must not read as a free id
  if (call.v !== 1 || typeof call.digest !== 'string' || !STATUSES.has(call.status))
    throw new Error('a call identity is damaged')
  return call
}

const STATUSES: ReadonlySet<string> = new Set<CallStatus>([
  'refused',
  'asked',
  'denied',
  'running',
  'done',
  'unknown',
  'reopened',
])

/** The state value of a claim. */
export function formatCall(call: CallState): string {
  return JSON.stringify(call)
}
