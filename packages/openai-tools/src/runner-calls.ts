import { propertyOf } from './copy-with.ts'

// Not state of ours: each runner has its own, for as long as it lives.
const runs = new WeakMap<object, string>()
const claimed = new WeakMap<object, Set<unknown>>()

/** An id for the run of a runner, the same for all its calls; undefined for calls by hand. */
export function runOfRunner(runner: unknown): string | undefined {
  if (typeof runner !== 'object' || runner === null) return undefined
  const known = runs.get(runner) ?? crypto.randomUUID()
  runs.set(runner, known)
  return known
}

/**
 * The id of the call that a runner makes now. It hands none on, so the first call of that name and text in the model's
 * last turn is taken that was not taken yet; which of two equal calls that is makes no difference.
 */
export function claimCallId(
  runner: unknown,
  { name, text }: { readonly name: string; readonly text: string | undefined },
): string | undefined {
  const messages = propertyOf(runner, 'messages')
  if (text === undefined || !Array.isArray(messages)) return undefined
  const turn: unknown = messages.findLast((message: unknown) => Array.isArray(propertyOf(message, 'tool_calls')))
  if (typeof turn !== 'object' || turn === null) return undefined
  const taken = claimed.get(turn) ?? new Set()
  claimed.set(turn, taken)
  const calls = propertyOf(turn, 'tool_calls') as readonly unknown[] // found because it is a list
  const call = calls.find((one) => !taken.has(one) && isCallOf(propertyOf(one, 'function'), { name, text }))
  taken.add(call)
  const id = propertyOf(call, 'id')
  return typeof id === 'string' && id !== '' ? id : undefined
}

function isCallOf(called: unknown, { name, text }: { readonly name: string; readonly text: string }): boolean {
  return propertyOf(called, 'name') === name && propertyOf(called, 'arguments') === text
}
