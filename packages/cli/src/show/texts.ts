import { type Json, isJsonObject } from './json.ts'
import { field } from './marked.ts'

/** A text from outside, and where it stands, in visible characters. */
export interface Text {
  readonly place: string
  readonly text: string
}

const MAX_PLACE = 80
const MAX_KEY = 40

/** Every text in a value: keys as well. Places are clipped: keys are as long as their writer likes. */
export function* textsIn(place: string, value: Json): Generator<Text> {
  if (typeof value === 'string') yield { place, text: value }
  else if (Array.isArray(value)) {
    for (const [index, item] of (value as readonly Json[]).entries())
      yield* textsIn(inside(place, `[${String(index)}]`), item)
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const inner = inside(place, step(key))
      yield { place: `the name of ${inner}`, text: key }
      yield* textsIn(inner, item)
    }
  }
}

function step(key: string): string {
  if (key.length > MAX_KEY) return `[${field(key.slice(0, MAX_KEY))}…]`
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${field(key)}]`
}

function inside(place: string, next: string): string {
  if (place.length < MAX_PLACE) return place + next
  return place.endsWith('…') ? place : `${place}…`
}
