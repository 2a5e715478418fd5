import { CapFenceError } from './errors.ts'

/** The deepest nesting that is canonicalized, arrays and objects counted together. */
export const MAX_DEPTH = 64

/**
 * The RFC 8785 form of a JSON value.
 *
 * Stricter than the RFC's model: what JSON cannot hold (`undefined`, functions, NaN, sparse arrays, class instances
 * such as `Map`, `toJSON`, lone surrogates, nesting over 64) is `JSON_INVALID`, so two different values never share a text.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      // RFC 8785 §3.2.2.3: the ECMAScript form; -0 is written `0`.
      if (!Number.isFinite(value)) throw invalid(`the number ${String(value)}`)
      return value === 0 ? '0' : String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      return value === null ? 'null' : writeNested(value, depth)
    default:
      throw invalid(`a value of type ${typeof value}`)
  }
}

function writeNested(value: object, depth: number): string {
  if (depth >= MAX_DEPTH) throw invalid(`nesting deeper than ${String(MAX_DEPTH)}`)
  return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1)
}

function writeArray(items: readonly unknown[], depth: number): string {
  let text = '['
  for (let index = 0; index < items.length; index++) {
    if (!Object.hasOwn(items, index)) throw invalid('a sparse array')
    text += index === 0 ? write(items[index], depth) : ',' + write(items[index], depth)
  }
  return text + ']'
}

function writeObject(object: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object)
  // A plain object's prototype is null or the end of its chain, in whatever realm it was made.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw invalid('an object that is not plain')
  let text = ''
  for (const key of sortedKeys(object)) {
    const value: unknown = (object as Record<string, unknown>)[key]
    text += (text === '' ? '{' : ',') + quote(key) + ':' + write(value, depth)
  }
  return text === '' ? '{}' : text + '}'
}

// RFC 8785 §3.2.3: by UTF-16 code units, which is what `<` and `sort` compare. Most objects come in order already.
function sortedKeys(object: object): readonly string[] {
  const keys = Object.keys(object)
  let last = ''
  for (const key of keys) {
    if (key < last) return keys.sort()
    last = key
  }
  return keys
}

// Anything but: from the blank on, no quote, no backslash, no surrogate.
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

// `JSON.stringify` of a string is exactly RFC 8785 §3.2.2.2, but for lone surrogates, which the RFC refuses. It is slow:
// a text in which nothing can need an escape is quoted by hand.
function quote(text: string): string {
  if (!ESCAPED.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw invalid('a text with a lone surrogate')
  return JSON.stringify(text)
}

function invalid(what: string): CapFenceError {
  return new CapFenceError('JSON_INVALID', `${what} has no canonical JSON form`)
}
