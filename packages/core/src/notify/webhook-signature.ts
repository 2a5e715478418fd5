import { base64, fromBase64 } from '../kernel/bytes.ts'
import { hmacSha256 } from '../kernel/digest.ts'
import { CapFenceError } from '../kernel/errors.ts'

const PREFIX = 'whsec_'
const MIN_SECRET_BYTES = 24
const MAX_SECRET_BYTES = 64

/** The bytes of a Standard Webhooks secret, in their text form or raw; all else is `OPTION_INVALID`. */
export function webhookKey(secret: string | Uint8Array): Uint8Array {
  const key = typeof secret === 'string' ? decoded(secret) : Uint8Array.from(secret)
  if (key !== undefined && key.length >= MIN_SECRET_BYTES && key.length <= MAX_SECRET_BYTES) return key
  const size = `${String(MIN_SECRET_BYTES)} to ${String(MAX_SECRET_BYTES)} bytes`
  throw new CapFenceError('OPTION_INVALID', `\`secret\` must be ${size}, raw or as \`${PREFIX}\` and their base64`)
}

function decoded(secret: string): Uint8Array | undefined {
  return secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : undefined
}

/** One message, at one attempt to deliver it. Neither `id` nor `timestamp` (in whole seconds) may hold a full stop. */
export interface SignedContent {
  readonly id: string
  readonly timestamp: number
  readonly body: string
}

/** The value of `webhook-signature` (Standard Webhooks 1.0.0, "Signature scheme", symmetric). */
export function webhookSignature(key: Uint8Array, { id, timestamp, body }: SignedContent): string {
  return `v1,${base64(hmacSha256(key, `${id}.${String(timestamp)}.${body}`))}`
}
