import type { Json, JsonObject } from '@capfence/core'

export type { Json }

/** Whether a value is an object, and no array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
