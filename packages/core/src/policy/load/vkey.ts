import { concat, fromBase64, utf8 } from '../../kernel/bytes.ts'
import { sha256Hex } from '../../kernel/digest.ts'

const ED25519 = 1

/** The 32 bytes of an Ed25519 key in C2SP form (`name+hash+base64`, c2sp.org/signed-note), or undefined. */
export function keyOfVkey(text: string): Uint8Array | undefined {
  // The base64 part may hold `+` as well, so only the first two separate.
  const [, name = '', hash = '', encoded = ''] = /^([^+\s\p{Cc}]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text) ?? []
  const bytes = fromBase64(encoded)
  if (bytes?.length !== 33 || bytes[0] !== ED25519) return undefined
  const expected = sha256Hex(concat(utf8(`${name}\n`), bytes)).slice(0, 8)
  return hash === expected ? bytes.slice(1) : undefined
}

/** Answers what is wrong with a public key, or undefined. */
export function checkVkey(text: string): string | undefined {
  if (keyOfVkey(text) !== undefined) return undefined
  return 'not a public key in C2SP form, `name+hash+base64`, as `capfence keys show --vkey` prints it'
}
