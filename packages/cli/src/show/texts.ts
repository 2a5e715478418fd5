import { type Json, isJsonObject } from './json.ts'
import { field } from './marked.ts'

/** A text from outside, and where it stands, in visible characters. */
export interface Text {
  readonly place: string
  readonly text: string
}

/** Every text in a value: keys as well. */
export function* textsIn(place: string, value: Json): Generator<Text> {
  if (typeof value === 'string') yield { place, text: value }
  else if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries()) yield* textsIn(`${place}[${String(index)}]`, item)
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const inner = /^[A-Za-z_]\w*$/.test(key) ? `${place}.${key}` : `${place}[${field(key)}]`
      yield { place: `the name of ${inner}`, text: key }
      yield* textsIn(inner, item)
    }
  }
}
