import { CapFenceError } from '../kernel/errors.ts'

/** The length of an Ed25519 public key, and of the seed of a private one. */
export const KEY_BYTES = 32

// RFC 8032 §5.1: the field's prime and the curve's constant d.
const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n

// The y coordinates of the eight points of small order: under such a key, one signature fits many messages.
const Y8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022n
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y8, P - Y8])

/** Refuses an Ed25519 public key that is no canonical point of the curve, or one of small order: `KEY_INVALID`. */
export function checkPublicKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw invalid(`has ${String(key.length)} bytes, not ${String(KEY_BYTES)}`)
  const encoded = littleEndian(key)
  const y = encoded & (2n ** 255n - 1n)
  if (y >= P) throw invalid('is not in canonical form')
  if (SMALL_ORDER_Y.has(y)) throw invalid('is of small order')
  // RFC 8032 §5.1.3: x² = (y² − 1) / (d·y² + 1) must have a root, so numerator times denominator is a square.
  const square = y * y
  const product = mod((square - 1n) * (D * square + 1n))
  if (power(product, (P - 1n) / 2n) !== 1n) throw invalid('is not a point of the curve')
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function mod(value: bigint): bigint {
  const rest = value % P
  return rest < 0n ? rest + P : rest
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}

function invalid(why: string): CapFenceError {
  return new CapFenceError('KEY_INVALID', `the public key ${why}; copy it again from where it was made`)
}
