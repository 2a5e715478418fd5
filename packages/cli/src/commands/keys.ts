import { CapFenceError, type Machine, type Signer, machine } from '@capfence/core'
import {
  DEFAULT_WRITER,
  KEY_FILE_VARIABLE,
  keyPath,
  openWriterKey,
  places,
  readKey,
  readTrust,
} from '@capfence/core/audit'
import { type PinnedKey, pinnedKey } from '../approver/pinned-key.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { jsonLine, visible } from '../visible.ts'

/** Which key to make. */
export interface InitKeyOptions {
  readonly role: 'writer' | 'approver'
  readonly name?: string | undefined
  readonly json: boolean
}

/** Which key to show. */
export interface ShowKeyOptions {
  readonly name: string | undefined
  readonly vkeyOnly: boolean
  readonly json: boolean
}

/** Makes a key where it is missing, and pins its public half. A key that is there is never replaced. */
export async function initKey(options: InitKeyOptions, terminal: Terminal): Promise<ExitCode> {
  const { role, json } = options
  const ports = machine()
  const { signer, created, file } =
    role === 'writer' ? writerKey(ports, options.name) : approverKey(ports, options.name)
  const trust = places(ports).trust
  const trustedAs = rolesOf(signer, ports)
  if (json) {
    const made = { ...described(signer, file), role, created, trusted_as: trustedAs, trust_file: trust }
    await terminal.out.write(jsonLine(made))
    return EXIT.ok
  }
  const first = created
    ? `made a ${role}'s key; keep this file secret, and keep a copy`
    : `the ${role}'s key is there already`
  const pinned = trustedAs.length === 0 ? 'its public half is not pinned in' : 'its public half is pinned in'
  await terminal.out.write(`${first}: ${visible(file)}\n${pinned} ${visible(trust)}\n${signer.vkey}\n`)
  return EXIT.ok
}

/** Prints the public half of a key, never the private one. */
export async function showKey(options: ShowKeyOptions, terminal: Terminal): Promise<ExitCode> {
  const ports = machine()
  const named = options.name === undefined ? environmentKey(ports) : undefined
  const file = named ?? keyPath(ports, options.name ?? DEFAULT_WRITER)
  // The environment's key has rules of its own, which `openWriterKey` knows; it makes nothing then.
  const signer = named === undefined ? readKey(ports, file) : openWriterKey(ports).signer
  if (options.json)
    await terminal.out.write(jsonLine({ ...described(signer, file), trusted_as: rolesOf(signer, ports) }))
  else if (options.vkeyOnly) await terminal.out.write(`${signer.vkey}\n`)
  else await terminal.out.write(`${details(signer, file, ports)}${signer.vkey}\n`)
  return EXIT.ok
}

function writerKey(ports: Machine, name: string | undefined): PinnedKey {
  if (name === undefined)
    return { ...openWriterKey(ports), file: environmentKey(ports) ?? keyPath(ports, DEFAULT_WRITER) }
  return pinnedKey(ports, 'writers', name)
}

function approverKey(ports: Machine, name: string | undefined): PinnedKey {
  if (name === undefined) throw new CapFenceError('KEY_INVALID', "an approver's key needs a name: add `--name alice`")
  if ((ports.host.env('CAPFENCE_AGENT') ?? '') !== '') {
    throw new CapFenceError(
      'KEY_UNSAFE',
      "an agent's process cannot make an approver's key; use a terminal of your own",
    )
  }
  return pinnedKey(ports, 'approvers', name)
}

function environmentKey({ host }: Machine): string | undefined {
  const named = host.env(KEY_FILE_VARIABLE)
  return named === '' ? undefined : named
}

function described({ vkey, keyId }: Signer, file: string): object {
  return { name: nameOf(vkey), key_id: keyId, vkey, key_file: file }
}

function details(signer: Signer, file: string, ports: Machine): string {
  const roles = rolesOf(signer, ports)
  return [
    `name     ${nameOf(signer.vkey)}`,
    `key id   ${signer.keyId}`,
    `file     ${visible(file)}`,
    `trusted  ${roles.length === 0 ? 'by nobody yet: it is not in trust.json' : `among ${roles.join(' and ')}`}`,
    '',
  ].join('\n')
}

function rolesOf({ vkey }: Signer, ports: Machine): readonly string[] {
  const trust = readTrust(ports)
  return (['writers', 'approvers'] as const).filter((role) => [...trust[role].values()].includes(vkey))
}

function nameOf(vkey: string): string {
  return vkey.slice(0, vkey.indexOf('+'))
}
