import { hex } from '../kernel/bytes.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import type { Ids } from '../kernel/ports.ts'
import { type Applied, isWhole, parseApplied, parseState } from './applied.ts'
import type { StateWrite } from './state-store.ts'
import type { ApproveStatement, RejectStatement } from './statement.ts'
import { isListed, keyText } from './trusted.ts'

/** What one rule wants of a request's approvers. */
export interface RequestTerms {
  readonly rule: string
  /** How many distinct approvers must sign. */
  readonly quorum: number
  /** Globs over their names; any approver where empty. */
  readonly approvers: readonly string[]
}

/** A question to a human, with the answers it has. */
export interface PendingRequest {
  readonly v: 1
  readonly id: string
  /** The raw action digest: what an approval is bound to. */
  readonly digest: string
  /** 16 random bytes in hex: what the digest is salted with in statements. */
  readonly salt: string
  readonly actor: string
  readonly capability: string
  /** What each asking rule wanted when it asked. */
  readonly terms: readonly RequestTerms[]
  readonly createdAt: number
  readonly expiresAt: number
  /** How long an approval counts from the quorum's last signature, in milliseconds. */
  readonly grantMs: number
  /** The decision that asked first. */
  readonly chain: string
  readonly seq: number
  /** The process that asked first. */
  readonly writer: string
  readonly approvals: readonly Applied<ApproveStatement>[]
  readonly rejection: Applied<RejectStatement> | null
  /** How often the approvals were used together; only grows. */
  readonly used: number
  /** How many of those uses were given back; only grows. */
  readonly returned: number
  /** The ids of approvals that were taken back. */
  readonly revoked: readonly string[]
}

/** What an asking decision wants to have asked. */
export interface Question {
  readonly digest: string
  readonly actor: string
  readonly capability: string
  readonly terms: readonly RequestTerms[]
  readonly expiresInMs: number
  readonly maxPendingPerActor: number
  readonly writer: string
  readonly chain: string
  readonly seq: number
  /** A request for the same action whose approvals no longer count, whatever the state says of them. */
  readonly spent?: PendingRequest | undefined
}

/** State as one commit sees it, at the engine's time. */
export interface StateView {
  readonly now: number
  get(key: string): string | undefined
}

/** What became of a question. */
export type Asked =
  | {
      readonly kind: 'pending'
      readonly request: PendingRequest
      readonly isNew: boolean
      readonly writes: readonly StateWrite[]
    }
  | { readonly kind: 'backlog'; readonly waiting: number }

/** The prefix of all requests in the state. */
export const REQUESTS = 'request/'

/** The prefix of all lists of requests that wait, by actor, in the state. */
export const BACKLOGS = 'backlog/'

/** The state that a question reads and writes. */
export function requestKeys(question: { readonly digest: string; readonly actor: string }): readonly string[] {
  return [requestKey(question.digest), backlogKey(question.actor)]
}

/** Where the request for an action stands. */
export function requestKey(digest: string): string {
  return `${REQUESTS}${digest}`
}

/**
 * The pending request of an action: the one that still waits, else a new one; `backlog` where the actor has as many
 * live requests as the policy lets wait.
 */
export function ask(view: StateView, question: Question, ids: Ids): Asked {
  const found = parseRequest(view.get(requestKey(question.digest)))
  if (found !== undefined && found.id !== question.spent?.id && isWaiting(found, view.now)) {
    return { kind: 'pending', isNew: false, ...asAsked(found, question, view) }
  }
  const live = liveBacklog(view, question.actor).filter((entry) => entry.digest !== question.digest)
  if (live.length >= question.maxPendingPerActor) return { kind: 'backlog', waiting: live.length }
  const request = newRequest(view, question, ids)
  const backlog = [...live, { digest: request.digest, expiresAt: request.expiresAt }]
  const writes = [requestWrite(request), { key: backlogKey(request.actor), value: JSON.stringify(backlog) }]
  return { kind: 'pending', request, isNew: true, writes }
}

// A policy may want more by now than when it first asked; people are to see what it wants.
function asAsked(
  found: PendingRequest,
  { terms }: Question,
  view: StateView,
): Pick<Extract<Asked, { kind: 'pending' }>, 'request' | 'writes'> {
  const wanted = terms.map(({ rule, quorum, approvers }) => ({ rule, quorum, approvers }))
  if (JSON.stringify(found.terms) === JSON.stringify(wanted)) return { request: found, writes: [] }
  const request = { ...found, terms: wanted }
  return { request, writes: [requestWrite(request), ...backlogged(request, view)] }
}

// On the actor's backlog for as long as somebody has to sign.
function backlogged(request: PendingRequest, view: StateView): readonly StateWrite[] {
  const { actor, digest, expiresAt } = request
  if (isSigned(request)) return [leaveBacklog(view, request)]
  const others = liveBacklog(view, actor).filter((entry) => entry.digest !== digest)
  return [{ key: backlogKey(actor), value: JSON.stringify([...others, { digest, expiresAt }]) }]
}

/** Whether a request still waits for answers. */
export function isWaiting({ rejection, used, returned, expiresAt }: PendingRequest, now: number): boolean {
  return rejection === null && used === returned && now < expiresAt
}

/**
 * Whether a request has the signatures that its rules wanted when they last asked, by the names that were trusted when
 * they were given. For people alone: who counts is judged with the call, by trust and the policy of then.
 */
export function isSigned({ approvals, revoked, terms }: PendingRequest): boolean {
  const standing = approvals.filter(({ statement }) => !revoked.includes(statement.id))
  return terms.every(({ quorum, approvers }) => {
    const counted = standing.filter(({ by }) => isListed(by, approvers))
    return new Set(counted.map(({ statement }) => keyText(statement.key))).size >= quorum
  })
}

/** When a request can no longer matter: neither can it be answered, nor what was answered be used. */
export function requestEndsAt({ expiresAt, grantMs }: Pick<PendingRequest, 'expiresAt' | 'grantMs'>): number {
  return expiresAt + grantMs
}

/** A request as a state value. */
export function requestWrite(request: PendingRequest): StateWrite {
  return { key: requestKey(request.digest), value: JSON.stringify(request) }
}

/** What takes an answered request off its actor's backlog. */
export function leaveBacklog(view: StateView, { actor, digest }: PendingRequest): StateWrite {
  const left = liveBacklog(view, actor).filter((entry) => entry.digest !== digest)
  return { key: backlogKey(actor), value: left.length === 0 ? null : JSON.stringify(left) }
}

/** The request that a state value holds; undefined where there is none, or where the value is damaged. */
export function parseRequest(value: string | undefined): PendingRequest | undefined {
  const fields = parseState(value)
  if (fields === undefined || !isRequest(fields)) return undefined
  const approvals = listOf(fields['approvals'], (item) => parseApplied(item, 'approve'))
  const rejection = fields['rejection'] === null ? null : parseApplied(fields['rejection'], 'reject')
  if (approvals === undefined || rejection === undefined) return undefined
  return { ...(fields as unknown as PendingRequest), approvals, rejection } // every member was checked
}

function newRequest(view: StateView, question: Question, ids: Ids): PendingRequest {
  const { digest, actor, capability, terms, expiresInMs, writer, chain, seq } = question
  return {
    v: 1,
    id: newId('req', ids),
    digest,
    salt: hex(ids.bytes(16)),
    actor,
    capability,
    terms: terms.map(({ rule, quorum, approvers }) => ({ rule, quorum, approvers })),
    createdAt: view.now,
    expiresAt: view.now + expiresInMs,
    grantMs: expiresInMs,
    chain,
    seq,
    writer,
    approvals: [],
    rejection: null,
    used: 0,
    returned: 0,
    revoked: [],
  }
}

/** A new id: three letters for its kind, and 20 random hex digits. */
export function newId(kind: string, ids: Ids): string {
  return `${kind}-${hex(ids.bytes(10))}`
}

function isRequest(value: JsonObject): boolean {
  const { id, digest, salt, actor, capability, chain, writer, terms, revoked } = value
  const texts = [id, digest, salt, actor, capability, chain, writer].every((text) => typeof text === 'string')
  const { createdAt, expiresAt, grantMs, seq, used, returned } = value
  const numbers = [createdAt, expiresAt, grantMs, seq, used, returned].every(isWhole)
  return texts && numbers && listOf(terms, parseTerms) !== undefined && isTexts(revoked)
}

function parseTerms(value: Json): RequestTerms | undefined {
  if (!isJsonObject(value)) return undefined
  const { rule, quorum, approvers } = value
  return typeof rule === 'string' && isWhole(quorum) && isTexts(approvers) ? { rule, quorum, approvers } : undefined
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function listOf<Item>(value: Json | undefined, parse: (item: Json) => Item | undefined): readonly Item[] | undefined {
  if (!Array.isArray(value)) return undefined
  const items: Item[] = []
  for (const each of value as readonly Json[]) {
    const item = parse(each)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

interface BacklogEntry {
  readonly digest: string
  readonly expiresAt: number
}

function liveBacklog(view: StateView, actor: string): readonly BacklogEntry[] {
  const value = view.get(backlogKey(actor))
  const all = value === undefined ? [] : (JSON.parse(value) as BacklogEntry[]) // written here alone; what throws denies
  return all.filter((entry) => view.now < entry.expiresAt)
}

function backlogKey(actor: string): string {
  return `${BACKLOGS}${sha256Hex(actor)}`
}
