import { AsyncLocalStorage } from 'node:async_hooks'

/** The agents that stand between the host and what runs now, outermost first. */
export interface CallChain {
  readonly actors: readonly string[]
}

// Not state of ours: each asynchronous context has its own, and it ends with the tool that it began with.
const chains = new AsyncLocalStorage<CallChain>()

/** The chain that the code which asks runs under; undefined outside of any guarded tool. */
export function currentChain(): CallChain | undefined {
  return chains.getStore()
}

/** Runs a tool of an actor, so that what it calls in turn is known to be called through it. */
export function withinChain<Result>(actor: string, work: () => Result): Result {
  return chains.run({ actors: [...(chains.getStore()?.actors ?? []), actor] }, work)
}
