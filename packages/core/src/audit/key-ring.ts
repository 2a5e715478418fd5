import { type Verifier, ed25519Verifier } from '../kernel/ed25519.ts'

/** The keys whose signatures count. */
export interface KeyRing {
  /** True where the keys were pinned from outside; false where they were found beside the data, which proves no origin. */
  readonly isPinned: boolean
  /** Whether the ring has a key of that id. */
  has(keyId: string): boolean
  /** Whether a key of that id signed the message. Four bytes name a key: of two with one id, either will do. */
  verify(keyId: string, message: Uint8Array, signature: Uint8Array): boolean
  /** Whether any key of the ring signed the message. */
  verifyAny(message: Uint8Array, signature: Uint8Array): boolean
}

/** The ring of the pinned vkeys; where there are none, of the one that the chain itself names. */
export function keyRing(pinned: readonly string[], named: string): KeyRing {
  const verifiersById = new Map<string, Verifier[]>()
  for (const vkey of pinned.length > 0 ? pinned : [named]) {
    const verifier = ed25519Verifier(vkey)
    verifiersById.set(verifier.keyId, [...(verifiersById.get(verifier.keyId) ?? []), verifier])
  }
  return {
    isPinned: pinned.length > 0,
    has: (keyId) => verifiersById.has(keyId),
    verify: (keyId, message, signature) =>
      verifiersById.get(keyId)?.some((verifier) => verifier.verify(message, signature)) ?? false,
    verifyAny: (message, signature) =>
      [...verifiersById.values()].flat().some((verifier) => verifier.verify(message, signature)),
  }
}
