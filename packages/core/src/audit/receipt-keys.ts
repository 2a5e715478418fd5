import { verifyAsync } from '@noble/ed25519'
import { concat, utf8 } from '../kernel/bytes.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { checkPublicKey } from '../kernel/public-key.ts'
import { ofBase64, toHex } from './portable.ts'
import type { NoteKey } from './signed-note.ts'

/** A public key wherever Web Crypto is: `kernel/vkey.ts` and `kernel/ed25519.ts` hash and verify with Node. */
export interface PortableKey extends NoteKey {
  verify(message: Uint8Array, signature: Uint8Array): Promise<boolean>
}

const ED25519 = 0x01
const SIGNATURE_BYTES = 64
const FORM = /^(?<name>[^+\s\p{C}\p{Z}]+)\+(?<keyId>[0-9a-f]{8})\+(?<key>[A-Za-z0-9+/]{44})$/u

/** Reads a vkey, as strictly as `parseVkey`: `KEY_INVALID` for a damaged one, another algorithm, a weak key. */
export async function portableKey(vkey: string): Promise<PortableKey> {
  const { name, keyId, key } = FORM.exec(vkey)?.groups ?? {}
  const bytes = key === undefined ? undefined : ofBase64(key)
  if (name === undefined || keyId === undefined || bytes?.[0] !== ED25519) throw invalid('is not an Ed25519 vkey')
  const hash = await sha256(concat(utf8(`${name}\n`), bytes))
  if (toHex(hash.subarray(0, 4)) !== keyId) throw invalid('does not match its own hash')
  const publicKey = bytes.slice(1)
  checkPublicKey(publicKey)
  return {
    name,
    keyId,
    // RFC 8032 strictly: noble's own default takes what ZIP 215 takes.
    verify: async (message, signature) =>
      signature.length === SIGNATURE_BYTES && verifyAsync(signature, message, publicKey, { zip215: false }),
  }
}

/** SHA-256 by Web Crypto. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  // oxlint-disable-next-line no-restricted-globals -- it hashes; nothing is drawn from it
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function invalid(why: string): CapFenceError {
  return new CapFenceError(
    'KEY_INVALID',
    `the public key ${why}; copy it again, as \`capfence keys show --vkey\` prints it`,
  )
}
