import { covers, type CapabilityPattern } from '../action/pattern.ts'
import type { DenyCode, Reason } from '../action/verdict.ts'
import { type HeldGrant, grantsKey, grantsWrite, parseGrants } from '../approval/grants.ts'
import { type PendingRequest, parseRequest, requestKey, requestKeys, requestWrite } from '../approval/requests.ts'
import { type Satisfied, satisfy } from '../approval/satisfy.ts'
import type { StateWrite } from '../approval/state-store.ts'
import type { GrantScope } from '../approval/statement.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Ruling } from '../policy/ruling.ts'
import { CLOCK_TOLERANCE_MS, clockFault } from './clock-check.ts'
import type { CommitView } from './commit-job.ts'
import type { Judge, RuledCall } from './judge.ts'
import type { Spent } from './spent.ts'
import { agentsOf } from './suspended.ts'

/** A ruling that asks. */
export type AskingRuling = Extract<Ruling, { decision: 'require_approval' }>

/** What approvals say of a call that a rule asks about. */
export type ApprovalCheck =
  | {
      readonly kind: 'satisfied'
      readonly by: Satisfied
      readonly writes: readonly StateWrite[]
      readonly spent: Pick<Spent, 'grants' | 'request'>
      readonly remember: () => void
    }
  | { readonly kind: 'refused'; readonly reason: Reason<DenyCode>; readonly remember: () => void }
  /** Nobody has answered. `spent`: a request whose approvals no longer count, so that a new one is made. */
  | { readonly kind: 'unanswered'; readonly spent: PendingRequest | undefined; readonly remember: () => void }

/** The state that approvals of a call read and write. */
export function approvalKeys({ digest, event }: Pick<RuledCall, 'digest' | 'event'>): readonly string[] {
  return [...requestKeys({ digest, actor: event.actor }), grantsKey(event.actor)]
}

/** Holds a call that asks against its request and its actor's grants. Signatures and trust are checked here, at use. */
export function checkApproval(
  call: RuledCall,
  ruling: AskingRuling,
  at: { view: CommitView; by: Judge },
): ApprovalCheck {
  const { view, by } = at
  const memory = by.memory.approvals
  const found = parseRequest(view.get(requestKey(call.digest)))
  const own = found?.digest === call.digest ? found : undefined
  if (isRejected(call, own, at)) return refusal(REJECTED, () => own && memory.sawRequest(own))
  const fault = clockFault(view)
  if (fault !== undefined) return refusal(clockReason(fault, ruling.rule), () => undefined)
  const request = own !== undefined && !memory.isUsed(own) ? own : undefined
  const held = parseGrants(view.get(grantsKey(call.event.actor)), (scope) => mayCover(scope, call))
  const notary = by.notary(call.policy, view.origin)
  const satisfied = satisfy({
    asking: ruling.asking,
    agents: agentsOf(call.event),
    digest: call.digest,
    request,
    grants: held.flatMap((grant) => usable(grant, call, by)),
    now: view.now,
    notary,
  })
  if (satisfied !== undefined) return consumption(call, satisfied, { view, by, request, held })
  const spent = own === request ? undefined : own
  return { kind: 'unanswered', spent, remember: () => held.forEach((grant) => memory.sawGrant(grant)) }
}

function isRejected(
  { digest }: RuledCall,
  own: PendingRequest | undefined,
  { view, by }: { readonly view: CommitView; readonly by: Judge },
): boolean {
  const told = own === undefined || own.rejection === null ? undefined : own.expiresAt
  const seen = by.memory.approvals.rejectedUntil(digest)
  return view.now < Math.max(told ?? 0, seen ?? 0)
}

const REJECTED = {
  code: 'approval_rejected',
  rule: null,
  message: 'a person said no to this very action; asking again in the same or in other words will not help',
} as const

/** The denial of a call that needs a clock which cannot be believed. */
export function clockReason(fault: string, rule: string | null): Reason<DenyCode> {
  return {
    code: 'clock_fault',
    rule,
    message: `${fault}, so no grant, limit or sequence counts until the clocks agree`,
  }
}

function refusal(reason: Reason<DenyCode>, remember: () => void): ApprovalCheck {
  return { kind: 'refused', reason, remember }
}

// Before a grant is read as a whole: most of an actor's grants are for something else.
function mayCover(scope: JsonObject, { event }: RuledCall): boolean {
  const { actor, capability } = scope
  return (
    actor === event.actor &&
    typeof capability === 'string' &&
    covers(capability as CapabilityPattern, event.capability, 'narrow')
  ) // checked when it is used
}

function usable(grant: HeldGrant, call: RuledCall, by: Judge): readonly HeldGrant[] {
  const believed = by.memory.approvals.believe(grant)
  if (believed === undefined || !isWithinPolicy(grant, call) || !coversEvent(grant.statement.scope, call)) return []
  return [believed]
}

// How long a grant may live is for the policy in force at its use to say.
function isWithinPolicy({ statement, at }: HeldGrant, { policy }: RuledCall): boolean {
  // Also by the time that was signed: what the state says of its beginning anyone who writes there may move.
  return statement.expires_at - Math.min(at, statement.at + CLOCK_TOLERANCE_MS) <= policy.maxGrantMs
}

function coversEvent(scope: GrantScope, { event, policy }: RuledCall): boolean {
  const { session, environment, tenant, args } = scope
  const isSame = (wanted: string | null, found: string | undefined): boolean => wanted === null || wanted === found
  return (
    isSame(session, event.session) &&
    isSame(environment, event.environment) &&
    isSame(tenant, event.tenant) &&
    (args === null || policy.argsHold(event, parseArgs(args)))
  )
}

// What is no JSON holds for nothing.
function parseArgs(text: string): Json {
  try {
    return JSON.parse(text) as Json // whatever JSON.parse gives is JSON
  } catch {
    return false
  }
}

interface Use {
  readonly view: CommitView
  readonly by: Judge
  readonly request: PendingRequest | undefined
  readonly held: readonly HeldGrant[]
}

function consumption(call: RuledCall, by: Satisfied, { view, by: judge, request, held }: Use): ApprovalCheck {
  const used = by.grants.map((grant) => ({ ...grant, used: grant.used + 1 }))
  const ids = used.map(({ statement }) => statement.id)
  const usedRequest = by.usesRequest && request !== undefined ? { ...request, used: request.used + 1 } : undefined
  const { actor } = call.event
  const writes: StateWrite[] = []
  if (usedRequest !== undefined) writes.push(requestWrite(usedRequest))
  if (used.length > 0) {
    const all = parseGrants(view.get(grantsKey(actor)))
    writes.push(
      grantsWrite(
        actor,
        all.map((grant) => used.find(({ statement }) => statement.id === grant.statement.id) ?? grant),
      ),
    )
  }
  return {
    kind: 'satisfied',
    by,
    writes,
    spent: {
      grants: ids.length === 0 ? null : { actor, ids },
      request: usedRequest === undefined ? null : { digest: usedRequest.digest, id: usedRequest.id },
    },
    remember: () => {
      for (const grant of [...held, ...used]) judge.memory.approvals.sawGrant(grant)
      if (usedRequest !== undefined) judge.memory.approvals.sawRequest(usedRequest)
      judge.memory.approvals.sawOwnUses([...ids, ...(usedRequest === undefined ? [] : [usedRequest.id])], 1)
    },
  }
}
