import { ActionEvent, type ActionEventInit, type Json, type JsonObject, isCapFenceError } from '@capfence/core'
import { DECISIONS } from '../decisions.ts'

/** The decision that was given at the time. */
export type Recorded = (typeof DECISIONS)[number]

/** What a line says beside its event. */
export interface Known {
  readonly recorded: Recorded | undefined
  /** When it was judged, in milliseconds since 1970; undefined where the event's own time is all that is known. */
  readonly at: number | undefined
  /** Whether it was let through at the time; undefined where that was for the policy to say. */
  readonly letThrough: boolean | undefined
}

/** What a line of a trace holds. */
export type Traced =
  | { readonly kind: 'event'; readonly event: ActionEvent; readonly at: number; readonly known: Known }
  | { readonly kind: 'invalid'; readonly message: string; readonly recorded: Recorded | undefined }
  | { readonly kind: 'unreadable'; readonly message: string }
  | { readonly kind: 'args_not_kept'; readonly message: string }
  | { readonly kind: 'nothing' }

/** The keys that say something of an event in traces and records, and what they are called in an event. */
export const EVENT_FIELDS: ReadonlyMap<string, keyof ActionEventInit> = new Map([
  ['id', 'id'],
  ['actor', 'actor'],
  ['action', 'action'],
  ['resource', 'resource'],
  ['scope', 'scope'],
  ['environment', 'environment'],
  ['risk', 'risk'],
  ['session', 'session'],
  ['tenant', 'tenant'],
  ['user_role', 'userRole'],
  ['caller_depth', 'callerDepth'],
  ['actor_chain', 'actorChain'],
  ['tool', 'tool'],
  ['args', 'args'],
  ['at', 'at'],
])

/** The members of an object that are an event's, under the event's names. */
export function eventFields(from: JsonObject): Partial<Record<keyof ActionEventInit, Json>> {
  const fields: Partial<Record<keyof ActionEventInit, Json>> = {}
  for (const [key, value] of Object.entries(from)) {
    const field = EVENT_FIELDS.get(key)
    if (field !== undefined) fields[field] = value
  }
  return fields
}

/** The event that the fields make, or why they make none. */
export function tracedEvent(fields: () => object, known: Known): Traced {
  try {
    // `create` is the parser: it checks every field, whatever its type.
    const event = ActionEvent.create(fields() as ActionEventInit)
    return { kind: 'event', event, at: known.at ?? event.at, known }
  } catch (cause) {
    if (!isCapFenceError(cause)) throw cause
    return { kind: 'invalid', message: cause.message, recorded: known.recorded }
  }
}

/** One of the decisions, or undefined. */
export function decisionOf(value: Json | undefined): Recorded | undefined {
  return DECISIONS.find((decision) => decision === value)
}
