/** The most plans that are kept besides those of registered tools: agents can make capabilities up. */
export const MAX_PLANS = 4096
/** The most rules in all kept plans together. */
const MAX_RULES = 262_144

/** What is kept for one capability; `size` is how many rules it holds. */
interface Sized {
  readonly size: number
}

/** Something by capability, made when it is first asked for. */
export interface PlanMemo<Plan> {
  planOf(capability: string): Plan
  /** How many are kept. */
  count(): number
}

/**
 * Keeps plans within bounds; beyond them it starts over with those of `registered`, the capabilities that the policy's
 * `tools` declare, which agents cannot crowd out.
 */
export function planMemo<Plan extends Sized>(
  registered: Iterable<string>,
  make: (capability: string) => Plan,
): PlanMemo<Plan> {
  const pinned = pinnedPlans(registered, make)
  let plans = new Map(pinned)
  let weight = 0
  const keep = (capability: string): Plan => {
    const plan = make(capability)
    weight += plan.size
    if (plans.size - pinned.size >= MAX_PLANS || weight > MAX_RULES) {
      plans = new Map(pinned)
      weight = plan.size
    }
    plans.set(capability, plan)
    return plan
  }
  return {
    planOf: (capability) => plans.get(capability) ?? keep(capability),
    count: () => plans.size,
  }
}

function pinnedPlans<Plan extends Sized>(
  registered: Iterable<string>,
  make: (capability: string) => Plan,
): ReadonlyMap<string, Plan> {
  const plans = new Map<string, Plan>()
  let weight = 0
  for (const capability of new Set(registered)) {
    const plan = make(capability)
    weight += plan.size
    if (weight > MAX_RULES) break
    plans.set(capability, plan)
  }
  return plans
}
