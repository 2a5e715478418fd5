import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'
import { checkKeyName, parseVkey } from '../kernel/vkey.ts'
import { withFileLock } from './file-lock.ts'
import { places } from './places.ts'
import { NO_WRITE, folderOf, othersMay, privateFolder } from './private-folder.ts'

/** The keys that this user trusts, by name. A name is the user's own word for a key, and need not be the vkey's. */
export interface Trust {
  readonly writers: ReadonlyMap<string, string>
  readonly approvers: ReadonlyMap<string, string>
}

/** What a key is trusted to do. */
export type TrustRole = keyof Trust

const MAX_TRUST_BYTES = 1_048_576
const NO_TRUST: Trust = { writers: new Map(), approvers: new Map() }

/**
 * The trust of this user's config folder, or of the file that is named; nobody where the file is missing.
 * `TRUST_INVALID` where it is malformed, or where others may write it.
 */
export function readTrust(machine: Pick<Machine, 'files' | 'host'>, path: string = places(machine).trust): Trust {
  const facts = machine.files.facts(path)
  if (facts === undefined) return NO_TRUST
  const why = othersMay(facts, machine.host.userId(), NO_WRITE)
  if (why !== undefined) throw invalid(path, `${why}; \`chmod 600\` it and check what it lists`)
  const text = machine.files.read(path, MAX_TRUST_BYTES)
  return text === undefined ? NO_TRUST : parseTrust(text, path)
}

/** Parses `{ "v": 1, "writers": { name: vkey }, "approvers": { name: vkey } }`; nothing may be missing or left over. */
export function parseTrust(text: string, path: string): Trust {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid(path, 'is not JSON', cause)
  }
  const fields = record(value, path, 'the file')
  const stray = Object.keys(fields).find((key) => !['v', 'writers', 'approvers'].includes(key))
  if (stray !== undefined) throw invalid(path, `has the unknown member \`${stray.slice(0, 40)}\``)
  if (fields['v'] !== 1) throw invalid(path, 'is not of version 1')
  return { writers: keys(fields['writers'], path, 'writers'), approvers: keys(fields['approvers'], path, 'approvers') }
}

/**
 * Pins a key under a name, under a lock that processes share; no other entry is lost. A name that stands for another
 * key already is `TRUST_INVALID`: trust is never changed in passing.
 */
export function pinKey(machine: Machine, role: TrustRole, key: { readonly name: string; readonly vkey: string }): void {
  checkKeyName(key.name)
  parseVkey(key.vkey)
  const path = places(machine).trust
  if (isPinned(readTrust(machine, path), role, key)) return
  privateFolder(folderOf(path), machine, 'TRUST_INVALID')
  withFileLock(`${path}.lock`, machine, () => {
    const trust = readTrust(machine, path)
    if (isPinned(trust, role, key)) return
    const known = trust[role].get(key.name)
    if (known !== undefined) {
      throw invalid(
        path,
        `trusts another key as \`${key.name}\` in \`${role}\` (\`${known}\`); remove that line if the new key is yours`,
      )
    }
    const next: Trust = { ...trust, [role]: new Map([...trust[role], [key.name, key.vkey]]) }
    machine.files.replace(path, formatTrust(next), 0o600)
  })
}

function isPinned(trust: Trust, role: TrustRole, key: { readonly name: string; readonly vkey: string }): boolean {
  return trust[role].get(key.name) === key.vkey
}

function formatTrust({ writers, approvers }: Trust): string {
  const sorted = (names: ReadonlyMap<string, string>): object =>
    Object.fromEntries([...names].toSorted(([left], [right]) => (left < right ? -1 : 1)))
  return `${JSON.stringify({ v: 1, writers: sorted(writers), approvers: sorted(approvers) }, null, 2)}\n`
}

function keys(value: unknown, path: string, role: TrustRole): ReadonlyMap<string, string> {
  const entries = Object.entries(record(value, path, `\`${role}\``))
  return new Map(
    entries.map(([name, vkey]) => {
      if (typeof vkey !== 'string') throw invalid(path, `\`${role}.${name.slice(0, 40)}\` is not a text`)
      try {
        checkKeyName(name)
        parseVkey(vkey)
      } catch (cause) {
        throw invalid(path, `the key \`${name.slice(0, 40)}\` in \`${role}\` is not a good one`, cause)
      }
      return [name, vkey]
    }),
  )
}

function record(value: unknown, path: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(path, `${what} is not an object`)
  return value as Readonly<Record<string, unknown>> // any object is one
}

function invalid(path: string, why: string, cause?: unknown): CapFenceError {
  return new CapFenceError('TRUST_INVALID', `the trust file \`${path}\`: ${why}`, cause === undefined ? {} : { cause })
}
