/** Signs for one key; possibly asynchronous (a KMS, an HSM). */
export interface Signer {
  /** The public key in C2SP vkey form: `name+hash+base64`. */
  readonly vkey: string
  /** The key's id: the eight hex digits of the vkey's hash. */
  readonly keyId: string
  /** The Ed25519 signature (64 bytes, RFC 8032) over the message. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}
