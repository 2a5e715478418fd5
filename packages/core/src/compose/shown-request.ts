import { actionDigest } from '../action/action-digest.ts'
import { type ActionEventInit, ActionEvent } from '../action/action-event.ts'
import { type FactWords, type Plan, planJson, planOfJson } from '../action/plan.ts'
import type { PendingRequest } from '../approval/requests.ts'
import type { StoredValue } from '../audit/chain-store.ts'
import { PLAN_PATH, argumentName, keeps } from '../audit/commitment.ts'
import { decodeBody } from '../audit/decode-body.ts'
import type { DecisionBody, RecordedEvent } from '../audit/record-body.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { rebuild } from '../kernel/snapshot.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'

/** A request, with the very action that it is about. */
export interface ShownRequest {
  readonly request: PendingRequest
  /** The action as it will run: made anew from what the trail keeps, and found to have the request's digest. */
  readonly event: ActionEvent
  /** What the facts made of its arguments: the form in which it will run. Undefined where there is none. */
  readonly plan: Plan | undefined
  /** What its arguments were found to mean, as its record says. */
  readonly facts: FactWords | undefined
  /** Why it asks: what the agent was told. */
  readonly message: string
}

/**
 * The action behind a request, for a person to judge. `APPROVAL_REFUSED` where what the trail keeps is not the action
 * that the request is for: somebody edited one of them, or the arguments were erased or were too large to keep.
 */
export async function shownRequest(engine: BaseDBEngine, request: PendingRequest): Promise<ShownRequest> {
  const body = await askingRecord(engine, request)
  const values = await engine.values({ chain: body.chain, from: body.seq, to: body.seq + 1 })
  const args = keptArgs(values, body)
  if (args === undefined) throw mismatch(request, 'its arguments are not kept as they were recorded')
  if (!isAsRecorded(request, body)) throw mismatch(request, 'it would live for longer than its record says')
  const event = 'capability' in body.event ? eventOf(body.event, args) : undefined
  const plan = keptPlan(values, body)
  if (event === undefined || plan === 'lost' || digestOf(event, plan) !== request.digest) {
    throw mismatch(request, 'what the trail keeps of it is another action than the one that asked')
  }
  const facts = body.facts === undefined || 'truncated' in body.facts ? undefined : body.facts
  return { request, event, plan, facts, message: typeof body.message === 'string' ? body.message : '' }
}

async function askingRecord(engine: BaseDBEngine, request: PendingRequest): Promise<DecisionBody> {
  const { chain, seq } = request
  const [row] = await engine.records({ chain, from: seq, limit: 1 })
  const body = row?.seq === seq ? readBody(row.body) : undefined
  if (body?.kind === 'decision' && body.request?.id === request.id) return body
  throw mismatch(request, 'its record is not in the trail')
}

/** A request that was shown before, as it was. `APPROVAL_REFUSED` where it is not for the action beside it. */
export function checkShown(shown: ShownRequest): ShownRequest {
  if (ActionEvent.is(shown.event) && digestOf(shown.event, shown.plan) === shown.request.digest) return shown
  throw mismatch(shown.request, 'what was shown is another action than the one that asked')
}

// An approval is signed to live as long as the question said, whatever the state says of it.
function isAsRecorded({ expiresAt, grantMs }: PendingRequest, { request, at }: DecisionBody): boolean {
  return request?.expires_at === expiresAt && expiresAt - at === grantMs
}

function readBody(text: string): ReturnType<typeof decodeBody> | undefined {
  try {
    return decodeBody(text)
  } catch (cause) {
    if (isCapFenceError(cause)) return undefined // named by whoever asked for it
    throw cause
  }
}

function digestOf(event: ActionEvent, plan: Plan | undefined): string {
  return actionDigest(event, plan === undefined ? null : planJson(plan))
}

function keptPlan(values: readonly StoredValue[], { plan: commit }: DecisionBody): Plan | undefined | 'lost' {
  if (commit === undefined) return undefined
  const kept = values.find(({ path }) => path === PLAN_PATH)
  if (kept === undefined || !keeps(kept, commit)) return 'lost'
  return planOfJson(JSON.parse(kept.value) as Json) ?? 'lost' // the very text that was committed to
}

function keptArgs(values: readonly StoredValue[], body: DecisionBody): JsonObject | undefined {
  const args: Record<string, Json> = {}
  for (const { path, commit } of body.args) {
    const kept = values.find((value) => value.path === path)
    if (kept === undefined || !keeps(kept, commit)) return undefined
    const value = JSON.parse(kept.value) as Json // the very text that was committed to
    const name = argumentName(path)
    if (name === undefined) return isJsonObject(value) ? value : undefined
    // `__proto__` is a name like any other.
    Object.defineProperty(args, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return args
}

function eventOf(event: RecordedEvent, args: JsonObject): ActionEvent | undefined {
  const { action, resource, scope, actor, environment, risk, session, tenant, tool } = event
  const init = {
    id: event.id,
    at: event.at,
    action,
    resource,
    scope,
    actor,
    environment,
    risk,
    session,
    tenant,
    tool,
    userRole: event.user_role,
    callerDepth: event.caller_depth,
    actorChain: event.actor_chain,
    args: rebuild(args),
  }
  try {
    // A field that was too large for its record stands there as its digest, which no event may hold.
    return ActionEvent.create(init as ActionEventInit)
  } catch (cause) {
    if (isCapFenceError(cause)) return undefined
    throw cause
  }
}

function mismatch({ id }: PendingRequest, why: string): CapFenceError {
  return new CapFenceError(
    'APPROVAL_REFUSED',
    `request \`${id}\` cannot be shown, so it cannot be approved: ${why}; run \`capfence verify\`, or reject it`,
  )
}
