import { AsyncLocalStorage } from 'node:async_hooks'
import type { Plan } from '../action/plan.ts'

/** The agents that stand between the host and what runs now, outermost first. */
export interface CallChain {
  readonly actors: readonly string[]
  /** What the facts made of the arguments of the innermost tool. */
  readonly plan: Plan | undefined
}

// Not state of ours: each asynchronous context has its own, and it ends with the tool that it began with.
const chains = new AsyncLocalStorage<CallChain>()

/** The chain that the code which asks runs under; undefined outside of any guarded tool. */
export function currentChain(): CallChain | undefined {
  return chains.getStore()
}

/**
 * The plan of the guarded tool that asks: what was judged, in the form in which it should run. For tools behind an
 * adapter, which a framework calls with the arguments alone; `runtime.run` and `guard` hand it over themselves. Undefined
 * where there is none, and outside of any guarded tool.
 */
export function currentPlan(): Plan | undefined {
  return chains.getStore()?.plan
}

/** Runs a tool of an actor, so that what it calls in turn is known to be called through it. */
export function withinChain<Result>(actor: string, plan: Plan | undefined, work: () => Result): Result {
  return chains.run({ actors: [...(chains.getStore()?.actors ?? []), actor], plan }, work)
}
