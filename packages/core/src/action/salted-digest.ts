import { utf8 } from '../kernel/bytes.ts'
import { sha256Hex } from '../kernel/digest.ts'

const DOMAIN = utf8('capfence/audit/digest/v1\n')

/**
 * An action digest as it stands in grants, requests and records: `SHA-256("capfence/audit/digest/v1\n" ‖ salt ‖ digest)`,
 * in hex; undefined where the digest is not 64 hex digits. Without the salt it gives nothing away.
 */
export function saltedDigest(digest: string, salt: Uint8Array): string | undefined {
  if (!/^[0-9a-f]{64}$/.test(digest)) return undefined
  const bytes = Buffer.allocUnsafe(DOMAIN.length + salt.length + 32)
  bytes.set(DOMAIN)
  bytes.set(salt, DOMAIN.length)
  bytes.write(digest, DOMAIN.length + salt.length, 'hex')
  return sha256Hex(bytes)
}
