import { type Json, type JsonObject, isJsonObject, ownValue } from '../kernel/json.ts'
import { TAG } from '../kernel/snapshot.ts'

/** A path into `args`: `a.b[0]`, `items[*].id`, `["odd.key"]`. */
export interface ArgPath {
  readonly text: string
  readonly steps: readonly ArgStep[]
}

/** One step of a path: a key of an object, an index of an array, or any element of an array. */
export type ArgStep =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'any' }

/** What a path names. */
export type ArgValues = readonly (Json | undefined)[]

/**
 * Every value that a path names. Undefined, last and once, stands for all that are missing; an empty list for `[*]`
 * over no elements. Own properties only: `__proto__` is a name like any other. Dates and bytes are not entered. No value
 * of `args` is looked at twice, however many steps there are.
 */
export function readArg(args: JsonObject, path: ArgPath): ArgValues {
  let values: readonly Json[] = [args]
  let isComplete = true
  for (const step of path.steps) {
    const next: Json[] = []
    for (const value of values) isComplete = pushTaken(next, value, step) && isComplete
    values = next
  }
  return isComplete ? values : [...values, undefined]
}

/** Reads the one value that a path without `[*]` names; undefined where it is missing. */
export function argReader({ steps: [first, ...rest] }: ArgPath): (args: JsonObject) => Json | undefined {
  if (first?.kind !== 'key') return () => undefined
  const { key } = first
  if (rest.length === 0) return (args) => ownValue(args, key)
  return (args) => {
    let value = ownValue(args, key)
    for (const step of rest) value = step.kind === 'any' ? undefined : take(value, step)
    return value
  }
}

/** True for a path that may name several values. */
export function namesSeveral(path: ArgPath): boolean {
  return path.steps.some((step) => step.kind === 'any')
}

/** True for a date or bytes, which stand in `args` as tagged values. */
export function isTagged(value: Json | undefined): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, TAG)
}

// False where what the step names is missing.
function pushTaken(into: Json[], value: Json, step: ArgStep): boolean {
  if (step.kind === 'any') {
    if (!Array.isArray(value)) return false
    for (const item of value as readonly Json[]) into.push(item) // `isArray` forgets the type of the elements
    return true
  }
  const taken = take(value, step)
  if (taken === undefined) return false
  into.push(taken)
  return true
}

function take(value: Json | undefined, step: Exclude<ArgStep, { kind: 'any' }>): Json | undefined {
  if (step.kind === 'index') return Array.isArray(value) ? (value as readonly Json[])[step.index] : undefined
  return isJsonObject(value) && !isTagged(value) ? ownValue(value, step.key) : undefined
}
