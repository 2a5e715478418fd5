import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import { type Json, isJsonObject } from '../kernel/json.ts'
import { type Machine, paths } from '../kernel/ports.ts'
import { places } from './places.ts'
import { folderOf, privateFolder } from './private-folder.ts'

const MAX_PLACE_BYTES = 65_536

/**
 * Where this user remembers which trails stand in a store: `heads/place-<hex SHA-256(identity)>.json`. An emptied or
 * exchanged database names no trail that could be missed, so it must be remembered outside what was there.
 */
function placePath(machine: Pick<Machine, 'host'>, identity: string): string {
  return paths.join(places(machine).heads, `place-${sha256Hex(identity)}.json`)
}

/** The origins of the trails that stood in a store when this user last wrote to it, by chain. */
export function readPlace(machine: Pick<Machine, 'files' | 'host'>, identity: string): ReadonlyMap<string, string> {
  const path = placePath(machine, identity)
  const text = machine.files.read(path, MAX_PLACE_BYTES)
  if (text === undefined) return new Map()
  const origins = originsOf(text)
  if (origins === undefined) {
    throw new CapFenceError(
      'HEAD_INVALID',
      `\`${path}\` is damaged; run \`capfence verify\`, then \`capfence audit accept-loss --reason …\``,
    )
  }
  return origins
}

/** A chain in a store. */
export interface Place {
  readonly identity: string
  readonly chain: string
}

/** Remembers that a chain of a store has this origin. */
export function rememberPlace(machine: Machine, store: Place, origin: string): void {
  const known = readPlace(machine, store.identity)
  if (known.get(store.chain) !== origin) writePlace(machine, store, new Map(known).set(store.chain, origin))
}

/** The same where what is remembered is damaged: for a loss that a person accepted. */
export function replacePlace(machine: Machine, store: Place, origin: string): void {
  let known: ReadonlyMap<string, string> = new Map()
  try {
    known = readPlace(machine, store.identity)
  } catch (cause) {
    if (!isCapFenceError(cause) || cause.code !== 'HEAD_INVALID') throw cause
  }
  writePlace(machine, store, new Map(known).set(store.chain, origin))
}

function writePlace(machine: Machine, store: Place, origins: ReadonlyMap<string, string>): void {
  const path = placePath(machine, store.identity)
  privateFolder(folderOf(folderOf(path)), machine, 'HEAD_INVALID')
  privateFolder(folderOf(path), machine, 'HEAD_INVALID')
  const chains = Object.fromEntries(origins)
  machine.files.replace(path, `${canonicalJson({ v: 1, store: store.identity, chains })}\n`, 0o600)
}

function originsOf(text: string): ReadonlyMap<string, string> | undefined {
  let value: Json
  try {
    value = JSON.parse(text) as Json // what JSON.parse gives
  } catch {
    return undefined // torn: the caller says so, with the path
  }
  if (!isJsonObject(value) || value['v'] !== 1 || !isJsonObject(value['chains'])) return undefined
  const entries = Object.entries(value['chains'])
  const origins = entries.flatMap(([chain, origin]) => (typeof origin === 'string' ? [[chain, origin] as const] : []))
  return origins.length === entries.length ? new Map(origins) : undefined
}
