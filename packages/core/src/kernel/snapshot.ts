import { isDate, isUint8Array } from 'node:util/types'
import { base64, fromBase64 } from './bytes.ts'
import { canonicalJson, MAX_DEPTH } from './canonical-json.ts'
import { CapFenceError, isCapFenceError } from './errors.ts'
import { type Json, type JsonObject, isJsonObject } from './json.ts'

/** The largest canonical form of a snapshot, in UTF-8 bytes. */
export const MAX_SNAPSHOT_BYTES = 1_048_576

// The most values in a snapshot, containers counted too: what a megabyte of `[1,1,…]` costs would freeze a process.
const MAX_SNAPSHOT_VALUES = 65_536

/** The key of a tagged value: `{"$capfence":"date"|"bytes","value":…}`. Refused in input. */
export const TAG = '$capfence'

/**
 * A deep-frozen JSON copy of a value from outside; each property is read exactly once.
 *
 * `undefined` properties are dropped, `-0` is `0`, a `Date` and bytes (`Uint8Array`) become tagged values.
 * What JSON cannot hold is `EVENT_INVALID` with the path of the offender, never its value.
 */
export function snapshot(value: unknown, path = 'args'): Json {
  const walk: Walk = { root: path, keys: [], ancestors: [], left: MAX_SNAPSHOT_BYTES, atMost: 0, values: 0 }
  const copy = takeSafely(value, walk)
  if (copy === undefined) throw refused(walk, 'is undefined')
  const isSmall = walk.atMost <= MAX_SNAPSHOT_BYTES
  if (!isSmall && Buffer.byteLength(canonicalJson(copy)) > MAX_SNAPSHOT_BYTES) throw tooLarge(walk)
  return copy
}

/** A mutable copy of a snapshot for the tool: ordinary objects, tagged values restored. */
export function rebuild(copy: Json): unknown {
  if (typeof copy !== 'object' || copy === null) return copy
  if (Array.isArray(copy)) return copy.map((item: Json) => rebuild(item))
  const object = copy as JsonObject // neither a scalar nor an array
  if (Object.hasOwn(object, TAG)) return restore(object)
  const target: Record<string, unknown> = {}
  for (const key of Object.keys(object)) setOwn(target, key, rebuild(object[key] ?? null))
  return target
}

/** Where a walk is, and what it has cost. The path is put together only for a refusal. */
interface Walk {
  readonly root: string
  readonly keys: (string | number)[]
  /** The objects that we are inside of: one that comes again is a cycle. */
  readonly ancestors: object[]
  /** Counted down by the least that each value can take, so that an endless proxy or a huge input stops early. */
  left: number
  /** Counted up by the most that each value can take: small inputs need not be measured. */
  atMost: number
  /** How many values were taken. */
  values: number
}

// A getter of a proxy may throw anything, its own secrets too.
function takeSafely(value: unknown, walk: Walk): Json | undefined {
  try {
    return take(value, walk)
  } catch (cause) {
    if (isCapFenceError(cause)) throw cause
    throw new CapFenceError('EVENT_INVALID', `\`${pathOf(walk)}\` could not be read`, { cause })
  }
}

function take(value: unknown, walk: Walk): Json | undefined {
  walk.values += 1
  if (walk.values > MAX_SNAPSHOT_VALUES) throw tooMany(walk)
  switch (typeof value) {
    case 'undefined':
      return undefined
    case 'boolean':
      spend(walk, 4, 6)
      return value
    case 'string':
      return takeText(value, walk)
    case 'number':
      if (!Number.isFinite(value)) throw refused(walk, `is ${String(value)}`)
      spend(walk, 1, 26)
      return value === 0 ? 0 : value
    case 'object':
      return value === null ? takeNull(walk) : takeObject(value, walk)
    default:
      throw refused(walk, `is a ${typeof value}`)
  }
}

function takeNull(walk: Walk): null {
  spend(walk, 4, 5)
  return null
}

function takeText(text: string, walk: Walk): string {
  // A UTF-16 unit is six bytes at most, as `\u0000`.
  spend(walk, text.length + 2, 6 * text.length + 3)
  if (!text.isWellFormed()) throw refused(walk, 'holds a lone surrogate')
  return text
}

function takeObject(value: object, walk: Walk): Json {
  if (walk.ancestors.length >= MAX_DEPTH) throw refused(walk, `is nested deeper than ${String(MAX_DEPTH)}`)
  if (walk.ancestors.includes(value)) throw refused(walk, 'is a cycle')
  if (isDate(value)) return takeDate(value, walk)
  if (isUint8Array(value)) return takeBytes(value, walk)
  spend(walk, 2, 3)
  walk.ancestors.push(value)
  const copy = Array.isArray(value) ? takeArray(value, walk) : takePlain(value, walk)
  walk.ancestors.pop()
  return copy
}

// The methods are the built-in ones, whatever the object says of itself.
function takeDate(value: Date, walk: Walk): Json {
  if (Number.isNaN(Date.prototype.getTime.call(value))) throw refused(walk, 'is an invalid date')
  if (Reflect.ownKeys(value).length > 0) throw refused(walk, 'is a date that carries extra properties')
  spend(walk, 50, 64)
  return Object.freeze({ [TAG]: 'date', value: Date.prototype.toISOString.call(value) })
}

function takeBytes(value: Uint8Array, walk: Walk): Json {
  if (value.byteLength > MAX_SNAPSHOT_BYTES) throw tooLarge(walk)
  // A copy by the constructor, which asks neither an iterator nor a species of a subclass; its length is the true one.
  const bytes = new Uint8Array(value)
  spend(walk, bytes.length, 2 * bytes.length + 64)
  return Object.freeze({ [TAG]: 'bytes', value: base64(bytes) })
}

function takeArray(value: readonly unknown[], walk: Walk): Json {
  const items: Json[] = []
  const length = dataProperty(value, 'length', walk) as number // an array's length is always a number
  // Before all its keys are asked for: that alone takes seconds for millions.
  if (walk.values + length > MAX_SNAPSHOT_VALUES) throw tooMany(walk)
  const keys = Reflect.ownKeys(value)
  if (keys.length !== length + 1) throw refused(walk, 'is a sparse array or carries extra properties')
  for (let index = 0; index < length; index++) {
    walk.keys.push(index)
    const item = take(dataProperty(value, String(index), walk), walk)
    if (item === undefined) throw refused(walk, 'is undefined')
    items.push(item)
    walk.keys.pop()
  }
  return Object.freeze(items)
}

function takePlain(value: object, walk: Walk): Json {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw refused(walk, 'is not a plain object (pass plain data, an array, a Date or a Uint8Array)')
  }
  const copy: Record<string, Json> = {}
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw refused(walk, 'has a symbol as a key')
    if (key === TAG) throw refused(walk, `has the reserved key \`${TAG}\``)
    walk.keys.push(key)
    takeText(key, walk)
    const item = take(dataProperty(value, key, walk), walk)
    if (item !== undefined) setOwn(copy, key, item)
    walk.keys.pop()
  }
  return Object.freeze(copy)
}

// The descriptor is the one read of a property: a proxy cannot answer twice, an accessor is seen for what it is.
function dataProperty(value: object, key: string, walk: Walk): unknown {
  const descriptor = Reflect.getOwnPropertyDescriptor(value, key)
  if (descriptor === undefined) throw refused(walk, 'changed while it was read')
  if (!('value' in descriptor)) throw refused(walk, 'is an accessor')
  return descriptor.value
}

// `__proto__` is a name like any other: what the prototype knows already is defined as data, and never reaches it.
function setOwn<Value>(target: Record<string, Value>, key: string, value: Value): void {
  if (key in target) Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

function restore(tagged: JsonObject): unknown {
  const { value } = tagged
  if (typeof value === 'string' && tagged[TAG] === 'date') return new Date(value)
  const bytes = typeof value === 'string' && tagged[TAG] === 'bytes' ? fromBase64(value) : undefined
  if (bytes === undefined || !isJsonObject(tagged))
    throw new CapFenceError('EVENT_INVALID', 'a tagged value is damaged')
  return bytes
}

function spend(walk: Walk, atLeast: number, atMost: number): void {
  walk.left -= atLeast
  walk.atMost += atMost
  if (walk.left < 0) throw tooLarge(walk)
}

function tooLarge(walk: Walk): CapFenceError {
  return refused(walk, `is larger than ${String(MAX_SNAPSHOT_BYTES)} bytes`)
}

function tooMany(walk: Walk): CapFenceError {
  return refused(walk, `has more than ${String(MAX_SNAPSHOT_VALUES)} values`)
}

function refused(walk: Walk, why: string): CapFenceError {
  return new CapFenceError('EVENT_INVALID', `\`${pathOf(walk)}\` ${why}`)
}

// Names that an agent chose: written so that a terminal and a model see them for what they are.
function pathOf({ root, keys }: Walk): string {
  const path = keys.reduce((text: string, key) => text + stepOf(key), root)
  return path.length <= 120 ? path : `${path.slice(0, 119)}…`
}

function stepOf(key: string | number): string {
  if (typeof key === 'number') return `[${String(key)}]`
  if (/^[\w$-]{1,64}$/.test(key)) return `.${key}`
  const shown = JSON.stringify(key.slice(0, 64)).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `[${shown}]`
}
