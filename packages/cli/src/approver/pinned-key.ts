import { CapFenceError, type Machine, type Signer } from '@capfence/core'
import { type TrustRole, ensureKey, keyPath, pinKey, readTrust } from '@capfence/core/audit'

/** A key of this user, and whether this very call made it. */
export interface PinnedKey {
  readonly signer: Signer
  readonly created: boolean
  readonly file: string
}

/** The key of that name, made where it is missing, and pinned in `trust.json`. One key has one role. */
export function pinnedKey(ports: Machine, role: TrustRole, name: string): PinnedKey {
  const other = role === 'writers' ? 'approvers' : 'writers'
  const { signer, created } = ensureKey(ports, name)
  // Whoever writes the trail would else approve their own actions.
  if ([...readTrust(ports)[other].values()].includes(signer.vkey)) {
    throw new CapFenceError(
      'KEY_INVALID',
      `the key \`${name}\` is trusted among the ${other} already; choose another name`,
    )
  }
  pinKey(ports, role, { name, vkey: signer.vkey })
  return { signer, created, file: keyPath(ports, name) }
}
