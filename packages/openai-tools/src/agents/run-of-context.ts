// Not state of ours: each run has its own context, and an id for as long as that lives.
const runs = new WeakMap<object, string>()

/** An id for the run of a context, the same for all its calls; undefined for calls by hand. */
export function runOfContext(runContext: unknown): string | undefined {
  if (typeof runContext !== 'object' || runContext === null) return undefined
  const known = runs.get(runContext) ?? crypto.randomUUID()
  runs.set(runContext, known)
  return known
}
