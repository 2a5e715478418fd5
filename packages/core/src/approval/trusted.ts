import { globMatches } from '../action/pattern.ts'
import { hex } from '../kernel/bytes.ts'
import { readVkey } from '../kernel/vkey.ts'
import { type SignedStatement, statementBytes } from './statement.ts'

/** Whose approvals count: from the policy in force, or from the user's own trust file; never from the database. */
export interface TrustedApprovers {
  /** The trusted name of a key, whatever name the key itself carries; undefined where it is nobody's. */
  nameOf(vkey: string): string | undefined
}

/** Checks a signature of the key in a vkey. */
type VerifySignature = (vkey: string, message: Uint8Array, sig: string) => boolean

/** Who says what: trust, and the check that a statement is really theirs. */
export interface Notary {
  /** The trail that statements must be for. */
  readonly origin: string
  readonly approvers: TrustedApprovers
  readonly verify: VerifySignature
}

/** The approvers that a map of names to vkeys lists. One key under two names is under the first of them. */
export function trustedApprovers(keysByName: ReadonlyMap<string, string>): TrustedApprovers {
  const nameByKey = new Map<string, string>()
  for (const [name, vkey] of [...keysByName].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    const key = keyText(vkey)
    if (!nameByKey.has(key)) nameByKey.set(key, name)
  }
  return { nameOf: (vkey) => nameByKey.get(keyText(vkey)) }
}

/** The trusted name of whoever signed a statement; undefined where nobody trusted did. */
export function signerOf(signed: SignedStatement, { origin, approvers, verify }: Notary): string | undefined {
  const { key } = signed.statement
  if (signed.statement.origin !== origin) return undefined
  const name = approvers.nameOf(key)
  return name !== undefined && verify(key, statementBytes(signed.statement), signed.sig) ? name : undefined
}

/** The key itself, in hex: two vkeys with one key are one approver. */
export function keyText(vkey: string): string {
  return hex(readVkey(vkey).publicKey)
}

/** Whether an approver, by any of their names, is among these agents. Names are compared without regard to case. */
export function isAmong(signed: SignedStatement, trustedName: string, agents: readonly string[]): boolean {
  const { approver, key } = signed.statement
  const names = new Set([trustedName, approver, readVkey(key).name].map(folded))
  return agents.some((agent) => names.has(folded(agent)))
}

/** Whether an approver of that name is among a rule's `approvers`: globs, or anyone where there are none. */
export function isListed(name: string, globs: readonly string[]): boolean {
  return globs.length === 0 || globs.some((glob) => globMatches(glob, name))
}

function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}
