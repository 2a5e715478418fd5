import { sha256Hex } from '../kernel/digest.ts'
import type { Ids } from '../kernel/ports.ts'
import type { StateWrite } from './state-store.ts'

/** A question to a human that nobody has answered yet. */
export interface PendingRequest {
  readonly v: 1
  readonly id: string
  /** The raw action digest: what an approval will be bound to. */
  readonly digest: string
  readonly actor: string
  readonly capability: string
  readonly rules: readonly string[]
  readonly createdAt: number
  readonly expiresAt: number
  /** The decision that asked first. */
  readonly chain: string
  readonly seq: number
}

/** What an asking decision wants to have asked. */
export interface Question {
  readonly digest: string
  readonly actor: string
  readonly capability: string
  readonly rules: readonly string[]
  readonly expiresInMs: number
  readonly maxPendingPerActor: number
  readonly chain: string
  readonly seq: number
}

/** State as one commit sees it, at the engine's time. */
export interface RequestView {
  readonly now: number
  get(key: string): string | undefined
}

export type Asked =
  | { readonly kind: 'pending'; readonly request: PendingRequest; readonly writes: readonly StateWrite[] }
  | { readonly kind: 'backlog'; readonly waiting: number }

/** The prefix of all requests in the state. */
export const REQUESTS = 'request/'

/** The state that a question reads and writes. */
export function requestKeys(question: { readonly digest: string; readonly actor: string }): readonly string[] {
  return [requestKey(question.digest), backlogKey(question.actor)]
}

/**
 * The pending request of an action: the one that still waits, else a new one; `backlog` where the actor has as many
 * live requests as the policy lets wait.
 */
export function ask(view: RequestView, question: Question, ids: Ids): Asked {
  const found = parseRequest(view.get(requestKey(question.digest)))
  if (found !== undefined && view.now < found.expiresAt) return { kind: 'pending', request: found, writes: [] }
  const live = parseBacklog(view.get(backlogKey(question.actor))).filter(
    (entry) => view.now < entry.expiresAt && entry.digest !== question.digest,
  )
  if (live.length >= question.maxPendingPerActor) return { kind: 'backlog', waiting: live.length }
  const request: PendingRequest = {
    v: 1,
    id: `req-${ids.id().replaceAll('-', '').slice(0, 20)}`,
    digest: question.digest,
    actor: question.actor,
    capability: question.capability,
    rules: question.rules,
    createdAt: view.now,
    expiresAt: view.now + question.expiresInMs,
    chain: question.chain,
    seq: question.seq,
  }
  const backlog = [...live, { digest: request.digest, expiresAt: request.expiresAt }]
  return {
    kind: 'pending',
    request,
    writes: [
      { key: requestKey(request.digest), value: JSON.stringify(request) },
      { key: backlogKey(request.actor), value: JSON.stringify(backlog) },
    ],
  }
}

/** The request that a state value holds; undefined where there is none, or where the value is damaged. */
export function parseRequest(value: string | undefined): PendingRequest | undefined {
  const request = value === undefined ? undefined : parseObject(value)
  return request !== undefined && isRequest(request) ? request : undefined
}

function isRequest(value: object): value is PendingRequest {
  const { v, id, digest, actor, capability, rules, createdAt, expiresAt, chain, seq } = value as Partial<PendingRequest> // checked here
  const texts = [id, digest, actor, capability, chain].every((text) => typeof text === 'string')
  const numbers = [createdAt, expiresAt, seq].every((number) => Number.isSafeInteger(number))
  return v === 1 && texts && numbers && Array.isArray(rules) && rules.every((rule) => typeof rule === 'string')
}

function parseObject(value: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(value)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined // damaged: a new question is asked
  }
}

interface BacklogEntry {
  readonly digest: string
  readonly expiresAt: number
}

function parseBacklog(value: string | undefined): readonly BacklogEntry[] {
  return value === undefined ? [] : (JSON.parse(value) as BacklogEntry[]) // written by `ask` alone; what throws denies
}

function requestKey(digest: string): string {
  return `${REQUESTS}${digest}`
}

function backlogKey(actor: string): string {
  return `backlog/${sha256Hex(actor)}`
}
