import { type Notary, type TrustedApprovers, trustedApprovers } from '../approval/trusted.ts'
import { places } from '../audit/places.ts'
import { readTrust } from '../audit/trust.ts'
import { boundedSet } from '../kernel/bounded-set.ts'
import { fromBase64 } from '../kernel/bytes.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { ed25519Verifier } from '../kernel/ed25519.ts'
import type { Machine } from '../kernel/ports.ts'

/** Whose approvals count for whom: the part of a policy that says so. */
export interface ApproverSource {
  /** The policy's own approvers; undefined where `trust.json` counts. */
  readonly approvers: ReadonlyMap<string, string> | undefined
}

/** Makes the notary for a policy and a trail. */
export type Notaries = (policy: ApproverSource, origin: string) => Notary

// Signatures that were found good: a verification takes a hundred times as long as to look here.
const MAX_VERIFIED = 10_000

/**
 * Notaries of one process. Trust comes from the policy, or where it names no approvers from this user's `trust.json`,
 * which is read again when the file changes; a file that cannot be trusted throws, and nothing is approved.
 */
export function notaries(machine: Pick<Machine, 'files' | 'host'>): Notaries {
  const verified = boundedSet<string>(MAX_VERIFIED)
  const ofPolicy = new WeakMap<ReadonlyMap<string, string>, TrustedApprovers>()
  let own: { readonly stamp: string; readonly approvers: TrustedApprovers } | undefined

  function verify(vkey: string, message: Uint8Array, sig: string): boolean {
    const signature = fromBase64(sig)
    if (signature === undefined) return false
    const key = `${vkey} ${sig} ${sha256Hex(message)}`
    if (verified.has(key)) return true
    if (!ed25519Verifier(vkey).verify(message, signature)) return false
    verified.add(key)
    return true
  }

  function local(): TrustedApprovers {
    const path = places(machine).trust
    const facts = machine.files.facts(path)
    const stamp = facts === undefined ? 'none' : Object.values(facts).join(' ')
    if (own?.stamp !== stamp) own = { stamp, approvers: trustedApprovers(readTrust(machine, path).approvers) }
    return own.approvers
  }

  function given(keys: ReadonlyMap<string, string>): TrustedApprovers {
    const known = ofPolicy.get(keys) ?? trustedApprovers(keys)
    ofPolicy.set(keys, known)
    return known
  }

  return ({ approvers }, origin) => ({
    origin,
    verify,
    approvers: approvers === undefined ? local() : given(approvers),
  })
}
