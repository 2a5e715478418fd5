import { type KeyObject, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { concat, fromHex } from './bytes.ts'
import { CapFenceError } from './errors.ts'
import { KEY_BYTES } from './public-key.ts'
import type { Signer } from './signer.ts'
import { formatVkey, parseVkey } from './vkey.ts'

/** The length of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64

/** Checks signatures of one key. */
export interface Verifier {
  readonly vkey: string
  readonly keyId: string
  /** True for a valid signature of this key over the message; false for anything else. */
  verify(message: Uint8Array, signature: Uint8Array): boolean
}

// RFC 8410 §7 and §4: what stands before the 32 bytes of a key in DER.
const PKCS8_PREFIX = der('302e020100300506032b657004220420')
const SPKI_PREFIX = der('302a300506032b6570032100')

/** Marks the signers made here: theirs are the only signatures that need no second look. */
const OWN: unique symbol = Symbol('capfence.ed25519')

/** A signer from a 32-byte seed (RFC 8032), through Node's crypto with the key prepared once. */
export function ed25519Signer(name: string, seed: Uint8Array): Signer {
  const privateKey = privateKeyOf(seed)
  const vkey = formatVkey(name, publicKeyOf(privateKey))
  const { keyId } = parseVkey(vkey)
  const signer: Signer = { vkey, keyId, sign: (message) => new Uint8Array(sign(null, message, privateKey)) }
  // Hidden from spreading, so that a changed copy does not pass for the original.
  Object.defineProperty(signer, OWN, { value: true })
  return Object.freeze(signer)
}

/** True for a signer that `ed25519Signer` made, as opposed to a KMS, a wrapper or a copy. */
export function isOwnSigner(signer: Signer): boolean {
  return Object.hasOwn(signer, OWN)
}

/** A verifier for a public key, with the key prepared once. `KEY_INVALID` where the vkey is not a good one. */
export function ed25519Verifier(vkey: string): Verifier {
  const { keyId, publicKey } = parseVkey(vkey)
  const key = createPublicKey({ key: Buffer.from(concat(SPKI_PREFIX, publicKey)), format: 'der', type: 'spki' })
  return {
    vkey,
    keyId,
    // RFC 8032 §5.1.7. The length is checked here: what Node says of a wrong one is not specified.
    verify: (message, signature) => signature.length === SIGNATURE_BYTES && verify(null, message, key, signature),
  }
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  if (seed.length !== KEY_BYTES) {
    throw new CapFenceError(
      'KEY_INVALID',
      `the seed of a key has ${String(seed.length)} bytes, not ${String(KEY_BYTES)}`,
    )
  }
  return createPrivateKey({ key: Buffer.from(concat(PKCS8_PREFIX, seed)), format: 'der', type: 'pkcs8' })
}

function publicKeyOf(privateKey: KeyObject): Uint8Array {
  return new Uint8Array(
    createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length),
  )
}

function der(digits: string): Uint8Array {
  const bytes = fromHex(digits)
  if (bytes === undefined) throw new TypeError('a constant that is not hex')
  return bytes
}
