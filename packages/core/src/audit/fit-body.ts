import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'

/** The largest body, in UTF-8 bytes. */
export const MAX_BODY_BYTES = 65_535

/** What stands in a body for a member that was too large: the SHA-256 of its RFC 8785 text, and that text's size. */
export interface Truncated {
  readonly truncated: string
  readonly bytes: number
}

// What says where a record stands, what it decided and what it commits to is never cut; all of it is bounded.
const KEPT: ReadonlySet<string> = new Set(
  (
    'v origin chain seq at kind key writer event args digest decision enforced code policy request outcome ' +
    'plan of duration_ms vkey engine size entry charges statement sig assurance remembered'
  ).split(' '),
)
const KEPT_OF_EVENT: ReadonlySet<string> = new Set(['at', 'capability', 'risk', 'caller_depth'])

/**
 * The RFC 8785 text of a body. Where it has more than 65,535 bytes, the largest of the members that may be cut are
 * replaced one by one, until it fits, by `{"bytes":…,"truncated":…}`. Of two that are equally large, the one whose name
 * comes first in code units goes first; a member of `event` counts under `event.` and its name.
 */
export function fit(members: JsonObject): string {
  const text = canonicalJson(members)
  // A UTF-16 unit is at most three bytes of UTF-8, so that most bodies need no count.
  if (text.length * 3 <= MAX_BODY_BYTES) return text
  return Buffer.byteLength(text) <= MAX_BODY_BYTES ? text : cut(members, Buffer.byteLength(text))
}

interface Candidate extends Truncated {
  readonly name: string
}

function cut(members: JsonObject, sizeBytes: number): string {
  const cutNames = new Map<string, Truncated>()
  let left = sizeBytes
  for (const { name, truncated, bytes } of candidates(members)) {
    const mark = { truncated, bytes }
    const saved = bytes - canonicalJson(mark).length
    if (left <= MAX_BODY_BYTES || saved <= 0) break
    cutNames.set(name, mark)
    left -= saved
  }
  if (left > MAX_BODY_BYTES) throw new CapFenceError('AUDIT_CORRUPT', 'a record is too large to be written')
  const { event } = members
  const cutEvent = isJsonObject(event) ? { event: replaced(event, 'event.', cutNames) } : {}
  return canonicalJson({ ...replaced(members, '', cutNames), ...cutEvent })
}

// Largest first.
function candidates(members: JsonObject): readonly Candidate[] {
  const { event } = members
  const own = Object.keys(members).filter((name) => !KEPT.has(name))
  const ofEvent = isJsonObject(event) ? Object.keys(event).filter((name) => !KEPT_OF_EVENT.has(name)) : []
  const all = [
    ...own.map((name) => candidate(name, members[name])),
    ...ofEvent.map((name) => candidate(`event.${name}`, isJsonObject(event) ? event[name] : undefined)),
  ]
  return all.toSorted((left, right) => right.bytes - left.bytes || (left.name < right.name ? -1 : 1))
}

function candidate(name: string, member: Json | undefined): Candidate {
  const text = canonicalJson(member)
  return { name, truncated: sha256Hex(text), bytes: Buffer.byteLength(text) }
}

function replaced(members: JsonObject, prefix: string, cutNames: ReadonlyMap<string, Truncated>): JsonObject {
  const entries = Object.entries(members).map(([name, value]) => [name, cutNames.get(prefix + name) ?? value] as const)
  return Object.fromEntries(entries) as JsonObject // a mark is JSON as well
}
