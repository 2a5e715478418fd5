import { actionDigest } from '../action/action-digest.ts'
import { ActionEvent, type ActionEventInit } from '../action/action-event.ts'
import { planJson } from '../action/plan.ts'
import type { DenyCode, Reason } from '../action/verdict.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { isCapFenceError, messageOf } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import type { Policy } from '../policy/policy.ts'
import type { RefusedCall, RuledCall } from './judge.ts'
import { callKey } from './state-keys.ts'
import { type OwnPlaces, tripwire } from './tripwire.ts'

/** Where the policy in force comes from; it throws, or gives none, where none could be loaded. */
export type PolicySource = () => Policy | undefined

/** A call as far as it can be judged without state. Never throws. */
export type PreparedCall =
  | { readonly kind: 'ruled'; readonly call: RuledCall }
  | { readonly kind: 'refused'; readonly call: RefusedCall }

export interface PrepareOptions {
  readonly policy: PolicySource
  readonly machine: Machine
  /** What of CapFence's own an action could reach for, under a policy. */
  readonly own?: ((policy: Policy) => OwnPlaces) | undefined
}

/** Snapshots a call and asks the policy. What cannot be an event, or be judged, is refused. */
export function prepareCall(
  asked: ActionEvent | ActionEventInit,
  runs: RuledCall['runs'],
  { policy, machine, own }: PrepareOptions,
): PreparedCall {
  let event: ActionEvent
  try {
    event = ActionEvent.is(asked) ? asked : ActionEvent.create(asked, machine)
  } catch (cause) {
    const rejected = { id: machine.ids.id(), actor: actorOf(asked), at: machine.clock.now() }
    return refused(rejected, 'invalid_event', `the call is not a valid action: ${eventMistake(cause)}`)
  }
  try {
    const loaded = policy()
    if (loaded === undefined) return refused(event, 'fault_policy', 'no policy is loaded, so nothing may run')
    const call = ruledCall(event, loaded, runs)
    // What a rule denies is denied in its own words.
    const isDenied = call.ruling?.decision === 'deny' && call.ruling.enforced
    const tripped = isDenied || own === undefined ? undefined : tripwire(event, loaded, own(loaded))
    return tripped === undefined ? { kind: 'ruled', call } : { kind: 'refused', call: { event, reason: tripped } }
  } catch (cause) {
    return refused(event, 'fault_policy', `the policy could not be applied: ${messageOf(cause)}`)
  }
}

function ruledCall(event: ActionEvent, policy: Policy, runs: RuledCall['runs']): RuledCall {
  const terms = policy.stateOf(event)
  const plan = policy.planOf(event)
  const planned = plan === undefined ? null : planJson(plan)
  const isSettled = terms === undefined || terms.limits.length + terms.afters.length === 0
  return {
    event,
    key: callKey(event.id),
    digest: actionDigest(event, planned),
    plan,
    planText: planned === null ? null : canonicalJson(planned),
    ruling: isSettled ? policy.evaluate(event) : undefined,
    terms,
    policy,
    runs,
  }
}

// Only our own messages are told: what a hostile object throws while it is read may hold anything.
function eventMistake(cause: unknown): string {
  return isCapFenceError(cause) ? cause.message : 'it could not be read'
}

function refused(event: RefusedCall['event'], code: DenyCode, message: string): PreparedCall {
  const reason: Reason<DenyCode> = { code, rule: null, message }
  return { kind: 'refused', call: { event, reason } }
}

// For the record alone: who asked, where at least that is a short plain text.
function actorOf(asked: unknown): string | null {
  try {
    const own =
      typeof asked === 'object' && asked !== null ? Reflect.getOwnPropertyDescriptor(asked, 'actor') : undefined
    const actor: unknown = own?.value
    return typeof actor === 'string' && actor.length <= 256 && /^[^\p{Cc}\p{Cs}]+$/u.test(actor) ? actor : null
  } catch {
    return null // a hostile proxy: nobody can say who asked
  }
}
