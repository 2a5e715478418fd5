import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { TAG } from '../kernel/snapshot.ts'
import { isTagged } from './arg-path.ts'

/** The texts that arguments hold. */
export interface ArgTexts {
  /** Every string value, at any depth; a date by its RFC 3339 text. Keys are not among them. */
  readonly texts: readonly string[]
  /** True where there are bytes too, which cannot be read as text. */
  readonly opaque: boolean
}

/** Every text in `args`, at any depth, without recursion. */
export function argTexts(args: JsonObject): ArgTexts {
  const texts: string[] = []
  const open: Json[] = [args]
  let opaque = false
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') texts.push(value)
    else if (isTagged(value)) {
      if (value[TAG] === 'date') open.push(value['value'] ?? '')
      else opaque = true
    } else pushChildren(open, value)
  }
  return { texts, opaque }
}

function pushChildren(open: Json[], value: Json): void {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) open.push(item)
  else if (isJsonObject(value)) for (const key of Object.keys(value)) open.push(value[key] ?? null)
}
