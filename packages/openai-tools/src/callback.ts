/** A tool's function as a framework calls it. */
export type Callback = (...args: readonly unknown[]) => unknown

/** True for what can be called. */
export function isCallback(value: unknown): value is Callback {
  return typeof value === 'function'
}

// Not state of ours: what a guarded function stands in front of, for as long as it lives itself.
const originals = new WeakMap<Callback, Callback>()

/** The function behind a guarded one, so that what is guarded again is judged once; any other as it is. */
export function unguarded(callback: Callback): Callback {
  return originals.get(callback) ?? callback
}

/** Makes a guarded function pass for the one that it stands in front of. */
export function standFor(guarded: Callback, original: Callback): Callback {
  originals.set(guarded, original)
  Object.defineProperty(guarded, 'name', { value: original.name, configurable: true })
  return guarded
}
