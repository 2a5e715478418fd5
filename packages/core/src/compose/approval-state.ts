import { saltedDigest } from '../action/salted-digest.ts'
import { GRANTS, type HeldGrant, parseGrants } from '../approval/grants.ts'
import type { Envelope } from '../approval/inbox.ts'
import { type PendingRequest, REQUESTS, parseRequest } from '../approval/requests.ts'
import type { StateEntry } from '../approval/state-store.ts'
import { SUSPENSION, parseSuspension } from '../approval/suspension.ts'
import { fromHex } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'

const PAGE = 256

/** A suspension that stands. */
export interface Suspension {
  readonly id: string
  /** Null where all actors are suspended. */
  readonly actor: string | null
  /** The approver's own name. */
  readonly by: string
  readonly reason: string | null
  /** Milliseconds since 1970, on the engine's clock. */
  readonly at: number
}

/** All requests that the state holds, whatever became of them. */
export async function allRequests(engine: BaseDBEngine): Promise<readonly PendingRequest[]> {
  const found: PendingRequest[] = []
  for await (const { value } of entries(engine, REQUESTS)) {
    const request = parseRequest(value)
    if (request !== undefined) found.push(request)
  }
  return found
}

/** The request with an id; `REQUEST_UNKNOWN` where the state holds none. */
export async function findRequest(engine: BaseDBEngine, id: string): Promise<PendingRequest> {
  for await (const { value } of entries(engine, REQUESTS)) {
    if (!value.includes(id)) continue
    const request = parseRequest(value)
    if (request?.id === id) return request
  }
  throw new CapFenceError(
    'REQUEST_UNKNOWN',
    `there is no request \`${shown(id)}\`; \`capfence pending\` lists those that wait`,
  )
}

/** All grants that the state holds, whatever became of them. */
export async function allGrants(engine: BaseDBEngine): Promise<readonly HeldGrant[]> {
  const found: HeldGrant[] = []
  for await (const { value } of entries(engine, GRANTS)) found.push(...parseGrants(value))
  return found
}

/** Where the grant or approval with an id stands; `REQUEST_UNKNOWN` where the state holds none. */
export async function findGrant(engine: BaseDBEngine, id: string): Promise<Pick<Envelope, 'digest' | 'actor'>> {
  for await (const { value } of entries(engine, GRANTS)) {
    const grant = value.includes(id) ? parseGrants(value).find(({ statement }) => statement.id === id) : undefined
    if (grant !== undefined) return { actor: grant.statement.scope.actor }
  }
  for await (const { value } of entries(engine, REQUESTS)) {
    const request = value.includes(id) ? parseRequest(value) : undefined
    if (request?.approvals.some(({ statement }) => statement.id === id) === true) return { digest: request.digest }
  }
  throw new CapFenceError(
    'REQUEST_UNKNOWN',
    `there is no grant \`${shown(id)}\`; \`capfence grants\` lists those that count`,
  )
}

/** The suspensions that stand. */
export async function suspensions(engine: BaseDBEngine): Promise<readonly Suspension[]> {
  const { state } = await engine.read({ keys: [SUSPENSION] })
  return parseSuspension(state.get(SUSPENSION)?.value)
    .filter(({ statement }) => statement.kind === 'suspend')
    .map(({ statement: { id, actor, approver, reason }, at }) => ({ id, actor, by: approver, reason, at }))
}

/** The id of the suspension of a target; `REQUEST_UNKNOWN` where none stands. */
export async function standingSuspension(engine: BaseDBEngine, actor: string | null): Promise<string> {
  const found = (await suspensions(engine)).find((suspension) => suspension.actor === actor)
  if (found !== undefined) return found.id
  const what = actor === null ? 'all actors are not suspended' : `\`${shown(actor)}\` is not suspended`
  throw new CapFenceError('REQUEST_UNKNOWN', `${what}, so there is nothing to resume`)
}

/** The digest of a request as it stands in statements. */
export function saltedOf({ id, digest, salt }: PendingRequest): string {
  const salted = saltedDigest(digest, fromHex(salt) ?? new Uint8Array())
  if (salted !== undefined) return salted
  throw new CapFenceError('REQUEST_UNKNOWN', `the request \`${id}\` is damaged; run \`capfence verify\``)
}

async function* entries(engine: BaseDBEngine, prefix: string): AsyncIterable<StateEntry> {
  for (let after: string | undefined; ;) {
    const page = await engine.list({ prefix, after, limit: PAGE })
    yield* page
    if (page.length < PAGE) return
    after = page.at(-1)?.key
  }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80)).slice(1, -1)
}
