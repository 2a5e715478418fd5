import { type Json, isJsonObject } from './json.ts'
import { marked } from './marked.ts'

/** JSON as lines for a person: keys in canonical order, one member a line, every text as `marked` shows it. */
export function pretty(value: Json, indent = ''): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => `${inner}${pretty(item, inner)}`)
    return items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n${indent}]`
  }
  if (isJsonObject(value)) {
    const members = sortedKeys(value).map((key) => `${inner}"${marked(key)}": ${pretty(value[key] ?? null, inner)}`)
    return members.length === 0 ? '{}' : `{\n${members.join(',\n')}\n${indent}}`
  }
  return typeof value === 'string' ? `"${marked(value)}"` : JSON.stringify(value)
}

// By UTF-16 units, RFC 8785 §3.2.3.
function sortedKeys(value: object): readonly string[] {
  return Object.keys(value).toSorted((left, right) => (left < right ? -1 : 1))
}
