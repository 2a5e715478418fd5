/** A JSON scalar. Numbers are finite. */
export type JsonScalar = string | number | boolean | null

/** Deeply read-only JSON. */
export type Json = JsonScalar | readonly Json[] | JsonObject

/** A read-only JSON object. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** True for a JSON object, as opposed to an array or a scalar. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own property of an object: `__proto__` and `constructor` are names like any other. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
