import { charged, returned, usedUp } from '../approval/counters.ts'
import type { ChargeBody, DecisionBody } from '../audit/record-body.ts'
import { addDecimals, compareDecimals, decimal } from '../facts/decimal.ts'
import type { ArchivedLimit, ArchivedPolicy } from '../policy/archived-policy.ts'
import type { TrailState } from './approval-ledger-model.ts'

/** Holds an allowed decision against the limits of the rules that allowed it, and counts its charges. */
export function chargeFault(
  body: DecisionBody,
  policy: ArchivedPolicy | undefined,
  state: TrailState,
): string | undefined {
  return (policy && limitFault(body, policy, state)) ?? countCharges(body, state)
}

/** Gives back what a decision was charged; it is known never to have run. */
export function giveBackCharges({ charges = [], at }: DecisionBody, state: TrailState): void {
  for (const charge of charges) {
    const counter = state.counters.get(charge.counter)
    if (counter === undefined) continue // forgotten: its window is over
    state.counters.set(charge.counter, { ...counter, value: returned(counter.value, chargeOf(charge, at)) })
  }
}

// A rule with a limit allows only while what it adds stays within; a rule of another kind is not what let it through.
function limitFault(body: DecisionBody, policy: ArchivedPolicy, state: TrailState): string | undefined {
  if (body.code !== 'policy_allow' || !body.enforced || !Array.isArray(body.rules)) return undefined
  for (const rule of body.rules as readonly string[]) {
    const limit = policy.limitOf(rule)
    const fault = limit?.effect === 'allow' ? exceeds({ rule, limit }, body, state) : undefined
    if (fault !== undefined) return fault
  }
  return undefined
}

function exceeds(
  { rule, limit }: { readonly rule: string; readonly limit: ArchivedLimit },
  { charges = [], at }: DecisionBody,
  state: TrailState,
): string | undefined {
  const charge = charges.find((each) => each.rule === rule)
  if (charge?.per_ms !== limit.perMs) return `is allowed by \`${rule}\`, but charges nothing to its limit`
  const used = decimal(usedUp(state.counters.get(charge.counter)?.value, limit.perMs, at) ?? '')
  const adds = decimal(charge.amount)
  const max = decimal(limit.max)
  if (used === undefined || adds === undefined || max === undefined) return `charges \`${rule}\` with no amount`
  return compareDecimals(addDecimals(used, adds), max) > 0 ? `passes the limit of \`${rule}\`` : undefined
}

function countCharges({ charges = [], at, seq }: DecisionBody, state: TrailState): string | undefined {
  for (const charge of charges) {
    const { counter, per_ms: perMs } = charge
    const known = state.counters.get(counter)
    try {
      const value = charged(known?.value, chargeOf(charge, at))
      state.counters.set(counter, { value, perMs, lastCharge: seq, chargedAt: Math.max(at, known?.chargedAt ?? at) })
    } catch {
      return `charges \`${charge.rule}\` with what cannot be counted`
    }
  }
  return undefined
}

function chargeOf({ counter, per_ms: perMs, amount }: ChargeBody, at: number): Parameters<typeof charged>[1] {
  return { counter, perMs, amount, at }
}
