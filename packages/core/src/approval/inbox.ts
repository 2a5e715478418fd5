import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { parseState } from './applied.ts'
import type { StateWrite } from './state-store.ts'
import { type Check, type SignedStatement, isText, parseSigned } from './statement.ts'

/**
 * A signed statement on its way to a writer. Beside what is signed it says where to look: for an approval, a rejection
 * or the revocation of an approval the raw action digest, for the revocation of a grant its actor.
 */
export interface Envelope extends SignedStatement {
  readonly digest?: string | undefined
  readonly actor?: string | undefined
}

/** Where statements wait that their signers could not record themselves: one key, because every commit reads it. */
export const INBOX = 'inbox'

/** The most statements that wait at a time. */
const MAX_WAITING = 64

/** The statements that wait. What cannot be read is counted: it is dropped when the rest is applied. */
export function parseInbox(value: string | undefined): {
  readonly envelopes: readonly Envelope[]
  readonly unreadable: number
} {
  if (value === undefined) return { envelopes: [], unreadable: 0 }
  const items = parseState(value)?.['waiting']
  if (!Array.isArray(items)) return { envelopes: [], unreadable: 1 }
  const read = (items as readonly Json[]).slice(0, MAX_WAITING).map(parseEnvelope)
  const envelopes = read.flatMap((envelope) => envelope ?? [])
  return { envelopes, unreadable: items.length - envelopes.length }
}

/** The inbox with one more statement; undefined where it is full. */
export function inboxWrite(value: string | undefined, envelope: Envelope): StateWrite | undefined {
  const { envelopes } = parseInbox(value)
  if (envelopes.length >= MAX_WAITING) return undefined
  return { key: INBOX, value: JSON.stringify({ v: 1, waiting: [...envelopes, envelope] }) }
}

/** An envelope as a writer will read it; undefined where it is none. */
export function inboxForm(envelope: Envelope): Envelope | undefined {
  return parseEnvelope(JSON.parse(JSON.stringify(envelope)) as Json) // whatever JSON.parse gives is JSON
}

/** The inbox without a statement, and without what cannot be read. */
export function inboxWithout(value: string | undefined, { statement }: Envelope): readonly StateWrite[] {
  const left = parseInbox(value).envelopes.filter((envelope) => envelope.statement.id !== statement.id)
  return [{ key: INBOX, value: left.length === 0 ? null : JSON.stringify({ v: 1, waiting: left }) }]
}

function parseEnvelope(item: Json): Envelope | undefined {
  if (!isJsonObject(item)) return undefined
  const signed = parseSigned(item)
  const digest = optional(item, 'digest', isDigest)
  const actor = optional(item, 'actor', isText)
  if (signed === undefined || digest === null || actor === null) return undefined
  return { ...signed, digest, actor }
}

// Hints become state keys, so they are held to what those may be. Null for what is there and is none.
function optional(item: JsonObject, key: string, check: Check): string | undefined | null {
  const value = item[key]
  if (value === undefined) return undefined
  return typeof value === 'string' && check(value) ? value : null
}

function isDigest(value: Json | undefined): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}
