import { base64, concat, fromBase64, hex, utf8 } from './bytes.ts'
import { sha256 } from './digest.ts'
import { CapFenceError } from './errors.ts'
import { checkPublicKey } from './public-key.ts'

/** A public key under a name, as C2SP signed notes write it: `name+hash+base64(0x01 ‖ key)`. */
export interface Vkey {
  readonly name: string
  /** The eight hex digits of the key's hash: the first four bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ key). */
  readonly keyId: string
  readonly publicKey: Uint8Array
}

/** The byte before an Ed25519 key in the forms of C2SP and Go's `sumdb/note`. */
const ED25519 = Uint8Array.of(0x01)
const MAX_NAME_LENGTH = 255

// A vkey is cut at its first two plus signs: base64 may hold more of them.
const FORM = /^(?<name>[^+]*)\+(?<keyId>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/]{44})$/

/** The text of a public key under a name. */
export function formatVkey(name: string, publicKey: Uint8Array): string {
  checkKeyName(name)
  checkPublicKey(publicKey)
  return `${name}+${keyIdOf(name, publicKey)}+${base64(concat(ED25519, publicKey))}`
}

/** Parses a vkey, strictly; a damaged one, another algorithm, a weak or non-canonical key is `KEY_INVALID`. */
export function parseVkey(text: string): Vkey {
  const vkey = readVkey(text)
  checkPublicKey(vkey.publicKey)
  return vkey
}

/**
 * As `parseVkey`, without asking whether the key is a good point of the curve, which takes a hundred times as long:
 * enough to hold it against keys that were asked.
 */
export function readVkey(text: string): Vkey {
  const { name, keyId, key } = FORM.exec(text)?.groups ?? {}
  const bytes = key === undefined ? undefined : fromBase64(key)
  if (name === undefined || keyId === undefined || bytes === undefined) {
    throw invalid('is not of the form `name+hash+base64`')
  }
  checkKeyName(name)
  if (bytes[0] !== ED25519[0]) throw invalid('is not an Ed25519 key')
  const publicKey = bytes.slice(1)
  if (keyIdOf(name, publicKey) !== keyId) throw invalid('does not match its own hash')
  return { name, keyId, publicKey }
}

// The id of a key under a name.
function keyIdOf(name: string, publicKey: Uint8Array): string {
  return hex(sha256(concat(utf8(`${name}\n`), ED25519, publicKey)).subarray(0, 4))
}

/** Refuses what cannot be the name of a key in a signed note: empty, with blanks, controls or `+`. */
export function checkKeyName(name: string): void {
  const bad = name === '' || name.length > MAX_NAME_LENGTH || !name.isWellFormed() || /[+\s\p{C}\p{Z}]/u.test(name)
  if (bad) {
    const why = 'is empty, too long, or has blanks, control characters or `+`'
    throw new CapFenceError('KEY_INVALID', `the name of the key ${why}; choose one such as \`writer\``)
  }
}

function invalid(why: string): CapFenceError {
  return new CapFenceError(
    'KEY_INVALID',
    `the public key ${why}; copy it again, as \`capfence keys show --vkey\` prints it`,
  )
}
