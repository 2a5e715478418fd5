import { eventContext } from '../action/action-digest.ts'
import { ActionEvent } from '../action/action-event.ts'
import { saltedDigest } from '../action/salted-digest.ts'
import { hex } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Json } from '../kernel/json.ts'
import type { StoredValue } from './chain-store.ts'
import { DIGEST_PATH, PLAN_PATH, argumentsOf, commitTo } from './commitment.ts'
import { fit } from './fit-body.ts'
import type {
  DecisionDraft,
  LossAcceptedDraft,
  OutcomeDraft,
  RecordDraft,
  RejectedEvent,
  StatementDraft,
  UngatedDraft,
} from './record-draft.ts'

/** Where and when a record stands, and whose key signs it. */
export interface BodyPlace {
  readonly origin: string
  readonly chain: string
  readonly seq: number
  /** Milliseconds since 1970 on the engine's clock. */
  readonly at: number
  /** The id of the key that signs. */
  readonly key: string
}

// A body under construction: members by name.
type BodyMembers = Record<string, Json>

/** A record's text, and the values that it commits to. */
export interface SealedBody {
  readonly body: string
  readonly values: readonly StoredValue[]
}

/**
 * The body of a record as RFC 8785 text of at most 65,535 bytes, and the side values, each under a fresh salt.
 * Members are described in `docs/reference/audit-format.md`; change one, and no old trail can be verified.
 */
export function sealBody(draft: RecordDraft, place: BodyPlace, salt: () => Uint8Array): SealedBody {
  switch (draft.kind) {
    case 'decision':
      return decision(draft, place, salt)
    case 'outcome':
      return { body: fit({ ...common(draft, place), ...outcome(draft) }), values: [] }
    case 'opened':
      return { body: fit({ ...common(draft, place), vkey: draft.vkey, engine: draft.engine }), values: [] }
    case 'head_adopted':
      return { body: fit({ ...common(draft, place), size: whole(draft.size), entry: hex(draft.entry) }), values: [] }
    case 'loss_accepted':
      return { body: fit({ ...common(draft, place), ...lossAccepted(draft) }), values: [] }
    case 'statement':
      return statement(draft, place)
    case 'ungated':
      return { body: fit({ ...common(draft, place), ...ungated(draft) }), values: [] }
    default:
      return draft satisfies never
  }
}

function lossAccepted({ found, remembered, reason }: LossAcceptedDraft): BodyMembers {
  const known = remembered && {
    origin: remembered.origin,
    size: whole(remembered.size),
    entry: hex(remembered.entry),
  }
  return { found: found.toWellFormed(), remembered: known ?? null, reason: reason.toWellFormed() }
}

function ungated({ adapter, actor, tools, reason }: UngatedDraft): BodyMembers {
  const wellFormed = tools.map((tool) => tool.toWellFormed())
  return { adapter, actor: actor.toWellFormed(), tools: wellFormed, reason: reason.toWellFormed() }
}

function statement(draft: StatementDraft, place: BodyPlace): SealedBody {
  const { statement: said, sig, by, assurance, refused, digest } = draft
  const body = fit({ ...common(draft, place), statement: said, sig, by, assurance, refused })
  const values = digest && [{ seq: place.seq, path: DIGEST_PATH, salt: digest.salt, value: digest.raw }]
  return { body, values: values ?? [] }
}

function common(draft: RecordDraft, { origin, chain, seq, at, key }: BodyPlace): BodyMembers {
  return { v: 1, origin, chain, seq, at: whole(at), kind: draft.kind, key, writer: draft.writer }
}

// What a decision commits to, and the values behind it.
interface Committed {
  readonly args: readonly Json[]
  readonly digest: string | null
  readonly plan: string | undefined
  readonly values: readonly StoredValue[]
}

function committed({ event, digest, plan }: DecisionDraft, seq: number, salt: () => Uint8Array): Committed {
  const values: StoredValue[] = []
  const keep = (path: string, value: string): StoredValue => {
    const kept = { seq, salt: salt(), path, value }
    values.push(kept)
    return kept
  }
  const args: Json[] = []
  if (ActionEvent.is(event)) {
    for (const argument of argumentsOf(event.args)) {
      const kept = keep(argument.path, argument.value)
      args.push({ commit: commitTo(argument, kept.salt), path: argument.path })
    }
  }
  const raw = digest === null ? undefined : keep(DIGEST_PATH, digest)
  const salted = raw === undefined ? null : saltedDigest(raw.value, raw.salt)
  if (salted === undefined) throw new CapFenceError('AUDIT_CORRUPT', 'an action digest is not 64 hex digits')
  const planned = plan === null ? undefined : keep(PLAN_PATH, plan)
  return { args, digest: salted, plan: planned && commitTo(planned, planned.salt), values }
}

function decision(draft: DecisionDraft, place: BodyPlace, salt: () => Uint8Array): SealedBody {
  const { event, request } = draft
  const { seq } = place
  const { args, digest, plan, values } = committed(draft, seq, salt)
  // By name, all in one literal: an object that is in order already is written twice as fast.
  const members: BodyMembers = {
    args,
    at: whole(place.at),
    chain: place.chain,
    ...charges(draft),
    code: draft.code,
    decision: draft.decision,
    digest,
    enforced: draft.enforced,
    event: ActionEvent.is(event) ? eventMembers(event) : rejectedMembers(event),
    ...(draft.facts === undefined ? {} : { facts: draft.facts }),
    grants: draft.grants,
    key: place.key,
    kind: draft.kind,
    message: draft.message.toWellFormed(),
    observed: draft.observed,
    origin: place.origin,
    outcome: draft.outcome,
    ...(plan === undefined ? {} : { plan }),
    policy: draft.policy,
    request: request === undefined ? null : { expires_at: whole(request.expiresAt), id: request.id },
    rule: draft.rule,
    rules: draft.rules,
    seq,
    v: 1,
    writer: draft.writer,
  }
  return { body: fit(members), values }
}

// Left out where there is none: most decisions count nothing.
function charges({ charges: all }: DecisionDraft): BodyMembers {
  if (all.length === 0) return {}
  return {
    charges: all.map(({ rule, counter, perMs, amount }) => ({ amount, counter, per_ms: whole(perMs), rule })),
  }
}

function eventMembers(event: ActionEvent): BodyMembers {
  return { ...eventContext(event), id: event.id, at: whole(event.at), capability: event.capability }
}

// What could not become an event may have any text in it.
function rejectedMembers(event: RejectedEvent): BodyMembers {
  return { id: event.id.toWellFormed(), actor: event.actor?.toWellFormed() ?? null, at: whole(event.at) }
}

function outcome(draft: OutcomeDraft): BodyMembers {
  return {
    of: { chain: draft.of.chain, seq: whole(draft.of.seq) },
    event_id: draft.eventId.toWellFormed(),
    outcome: draft.outcome,
    error: draft.error?.toWellFormed() ?? null,
    duration_ms: draft.durationMs === undefined ? null : whole(draft.durationMs),
    by: draft.by ?? null,
    ...(draft.reason === undefined ? {} : { reason: draft.reason.toWellFormed() }),
  }
}

// Bodies hold integers only: other languages read and write them alike.
function whole(value: number): number {
  const integer = Math.trunc(value)
  if (!Number.isSafeInteger(integer)) {
    throw new CapFenceError('AUDIT_CORRUPT', `a record cannot hold the number ${String(value)}`)
  }
  return integer === 0 ? 0 : integer
}
