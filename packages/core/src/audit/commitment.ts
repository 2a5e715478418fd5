import { saltedDigest } from '../action/salted-digest.ts'
import { utf8 } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { JsonObject } from '../kernel/json.ts'
import type { Ids } from '../kernel/ports.ts'
import type { StoredValue } from './chain-store.ts'
import { DOMAINS } from './domains.ts'

/** What a record says of an argument: where it stood, and a salted hash that gives nothing away once the salt is gone. */
export interface Commitment {
  /** An RFC 6901 pointer into `args`, in its JSON string representation (RFC 6901 §5, without the quotes). */
  readonly path: string
  /** 64 hex digits. */
  readonly commit: string
}

/** An argument with its place, ready to be committed to. */
export interface Argument {
  readonly path: string
  /** RFC 8785 text. */
  readonly value: string
}

/** Where the salted action digest's raw value stands among a record's values. */
export const DIGEST_PATH = '#digest'
/** Where the facts' plan stands among them. */
export const PLAN_PATH = '#plan'
const SALT_BYTES = 16

/** The most arguments of one action that get a commitment each, and how long their pointers may be, all together. */
const MAX_ARGUMENTS = 64
const MAX_PATHS_LENGTH = 4096

const COMMITMENT_DOMAIN = utf8(DOMAINS.commitment)

/**
 * The top-level arguments of an action with their pointers, by code unit of the pointer. With more than 64 of them, or
 * with very long names, they are one: the whole of `args` under the empty pointer.
 */
export function argumentsOf(args: JsonObject): readonly Argument[] {
  const keys = Object.keys(args)
  const paths = keys.length <= MAX_ARGUMENTS ? keys.map(pointerTo) : undefined
  if (paths === undefined || paths.reduce((length, path) => length + path.length, 0) > MAX_PATHS_LENGTH) {
    return [{ path: '', value: canonicalJson(args) }]
  }
  const found = keys.map((key, at) => ({ path: paths[at] ?? '', value: canonicalJson(args[key]) }))
  return found.length < 2 ? found : found.toSorted((left, right) => (left.path < right.path ? -1 : 1))
}

/** The pointer to a top-level argument. A name with a NUL is no text that every database can hold, so it is escaped. */
export function pointerTo(key: string): string {
  if (/^[\w-]*$/.test(key)) return `/${key}`
  return JSON.stringify(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).slice(1, -1)
}

/** The name of the argument that a pointer leads to, or undefined for the empty pointer, which is all of them. */
export function argumentName(path: string): string | undefined {
  if (path === '') return undefined
  try {
    const pointer: unknown = JSON.parse(`"${path}"`)
    if (typeof pointer === 'string' && pointer.startsWith('/')) {
      return pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')
    }
  } catch (cause) {
    throw new CapFenceError('AUDIT_CORRUPT', 'the path of a kept value is not an RFC 6901 pointer', { cause })
  }
  throw new CapFenceError('AUDIT_CORRUPT', 'the path of a kept value is not an RFC 6901 pointer')
}

/** `SHA-256("capfence/audit/commit/v1\n" ‖ salt ‖ path ‖ "\n" ‖ JCS(value))`, in hex. */
export function commitTo({ path, value }: Argument, salt: Uint8Array): string {
  const text = `${path}\n${value}`
  const bytes = prefixed(COMMITMENT_DOMAIN, salt, 3 * text.length) // at most 3 bytes of UTF-8 a UTF-16 unit
  const start = COMMITMENT_DOMAIN.length + salt.length
  return sha256Hex(bytes.subarray(0, start + bytes.write(text, start)))
}

// One buffer, written once: Node's hash of several parts costs three times its one-shot.
function prefixed(domain: Uint8Array, salt: Uint8Array, room: number): Buffer {
  const bytes = Buffer.allocUnsafe(domain.length + salt.length + room)
  bytes.set(domain)
  bytes.set(salt, domain.length)
  return bytes
}

/** True where a kept value is what a record committed to under this path. */
export function keeps({ path, salt, value }: StoredValue, commit: string): boolean {
  if (salt.length !== SALT_BYTES) return false
  return (path === DIGEST_PATH ? saltedDigest(value, salt) : commitTo({ path, value }, salt)) === commit
}

/** Salts for one commit, drawn many at a time: chance is slow to ask for. */
export function saltSource(ids: Pick<Ids, 'bytes'>): () => Uint8Array {
  const drawn = 64
  let bytes = new Uint8Array(0)
  let used = 0
  return () => {
    if (used >= bytes.length) {
      bytes = new Uint8Array(ids.bytes(drawn * SALT_BYTES))
      used = 0
    }
    const salt = bytes.slice(used, used + SALT_BYTES)
    if (salt.length !== SALT_BYTES) throw new CapFenceError('IO', 'the source of random bytes gave too few')
    used += SALT_BYTES
    return salt
  }
}
