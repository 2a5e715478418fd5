import { CapFenceError, type Handed, type Signer, isCapFenceError, lastPolicy } from '@capfence/core'
import { DEFAULT_WRITER, keyPath, parseVkey, places } from '@capfence/core/audit'
import type { Approver } from '../approver/choose-approver.ts'
import type { PinnedKey } from '../approver/pinned-key.ts'
import type { Terminal } from '../output.ts'
import { visible } from '../visible.ts'
import type { Approvals } from './with-approvals.ts'

/** What was signed and handed in, and the key that was made or pinned for it. */
export interface Signed {
  readonly handed: Handed
  readonly by: string
  readonly made: PinnedKey | undefined
}

/** Who signs what, and to whom it is told. */
export interface Signing {
  readonly approver: Approver
  readonly json: boolean
  readonly terminal: Terminal
  readonly act: (by: Signer) => Promise<Handed>
}

/** Signs as the approver, whose key is made where there is none; a refusal says what to do about it. */
export async function sign(trail: Approvals, { approver, json, terminal, act }: Signing): Promise<Signed> {
  const { signer, made } = approver.open()
  if (made !== undefined && !json) await terminal.out.write(madeText(made, places(trail.ports).trust))
  const hadKey = hasWriterKey(trail)
  const handed = await explained(trail, signer, act)
  if (trail.isNew && !json) await terminal.out.write(begunText(trail, !hadKey))
  const notes = [handed.note, handed.state === 'waiting' ? await doubt(trail, signer) : undefined]
  const known = [...new Set(notes.filter((text) => text !== undefined))]
  return { handed: known.length === 0 ? handed : { ...handed, note: known.join('; ') }, by: approver.name, made }
}

// What is in the inbox is there, whatever can be found out about it now.
async function doubt(trail: Approvals, signer: Signer): Promise<string | undefined> {
  try {
    return await untrusted(trail, signer)
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'POLICY_MISSING') return cause.message
    throw cause
  }
}

async function explained(trail: Approvals, signer: Signer, act: Signing['act']): Promise<Handed> {
  try {
    return await act(signer)
  } catch (cause) {
    if (!isCapFenceError(cause) || cause.code !== 'APPROVAL_REFUSED') throw cause
    const why = await untrusted(trail, signer)
    throw why === undefined ? cause : new CapFenceError('APPROVAL_REFUSED', `${cause.message}: ${why}`, { cause })
  }
}

// Why a key does not count, and what makes it count.
async function untrusted({ engine }: Approvals, { vkey }: Signer): Promise<string | undefined> {
  const approvers = (await lastPolicy(engine))?.approvers
  if (approvers === undefined || [...approvers.values()].some((other) => isSameKey(other, vkey))) return undefined
  const { name } = parseVkey(vkey)
  return `the policy that decided last names its own \`approvers\`, and this key is not among them; add \`${name}: "${vkey}"\` there`
}

function isSameKey(left: string, right: string): boolean {
  return Buffer.from(parseVkey(left).publicKey).equals(parseVkey(right).publicKey)
}

function hasWriterKey({ ports }: Approvals): boolean {
  return ports.files.facts(keyPath(ports, DEFAULT_WRITER)) !== undefined
}

function begunText(trail: Approvals, isKeyNew: boolean): string {
  const isMade = isKeyNew && hasWriterKey(trail)
  const key = isMade ? `, and made the key that it is signed with: ${keyPath(trail.ports, DEFAULT_WRITER)}` : ''
  return `began the trail ${visible(trail.path + key)}\n`
}

function madeText({ signer, file, created }: PinnedKey, trust: string): string {
  const what = created
    ? "made an approver's key, for there was none; keep this file secret, and keep a copy"
    : 'the key of an approver was there'
  return [`${what}: ${visible(file)}`, `its public half is pinned in ${visible(trust)}`, signer.vkey, ''].join('\n')
}
