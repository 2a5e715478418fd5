import { createHmac, hash } from 'node:crypto'

/** SHA-256 of text (as UTF-8) or bytes, as 64 lower-case hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/** SHA-256 of text (as UTF-8) or bytes: 32 raw bytes. */
export function sha256(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  // By way of hex: Node's one-shot answers hex twice as fast as it allocates a buffer.
  return new Uint8Array(Buffer.from(hash('sha256', data, 'hex'), 'hex'))
}

/** HMAC-SHA256 (RFC 2104) of a text (as UTF-8) under a key: 32 raw bytes. */
export function hmacSha256(key: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac('sha256', key).update(text, 'utf8').digest())
}
