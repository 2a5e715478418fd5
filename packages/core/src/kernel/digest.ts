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

/** Writes the SHA-256 of bytes into the first 32 bytes of a buffer that is there already. */
export function sha256Into(target: Buffer, data: Uint8Array): void {
  // By way of a one-byte text: measured half as long as an answer in a buffer of its own.
  target.write(hash('sha256', data, 'binary'), 0, 32, 'binary')
}

/** HMAC-SHA256 (RFC 2104) of a text (as UTF-8) under a key: 32 raw bytes. */
export function hmacSha256(key: Uint8Array, text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHmac('sha256', key).update(text, 'utf8').digest())
}
