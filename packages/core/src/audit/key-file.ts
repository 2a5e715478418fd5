import { base64, concat, fromBase64 } from '../kernel/bytes.ts'
import { ed25519Signer } from '../kernel/ed25519.ts'
import { CapFenceError } from '../kernel/errors.ts'
import { type Machine, paths } from '../kernel/ports.ts'
import { KEY_BYTES } from '../kernel/public-key.ts'
import type { Signer } from '../kernel/signer.ts'
import { checkKeyName } from '../kernel/vkey.ts'
import { places } from './places.ts'
import { NO_ACCESS, NO_WRITE, checkFolder, folderOf, othersMay, privateFolder } from './private-folder.ts'

/** The byte before an Ed25519 seed, as Go's `sumdb/note` writes it. */
const ED25519 = Uint8Array.of(0x01)
const MAX_KEY_FILE_BYTES = 1024
const GROUP_READ = 0o040

// Go's `sumdb/note` form of a private key.
const FORM = /^PRIVATE\+KEY\+(?<name>[^+]*)\+(?<keyId>[0-9a-f]{8})\+(?<seed>[A-Za-z0-9+/]{44})\n?$/

/** How a key file that was not made here may differ from one that was. */
export interface KeyFileOptions {
  /** Accepts a file that root or this user owns and a group may read, wherever it is: how Kubernetes mounts a secret. */
  readonly groupRead?: boolean | undefined
}

/** The file of a key in the user's config folder: `keys/NAME.key`. `KEY_INVALID` where the name cannot be a file's. */
export function keyPath(machine: Pick<Machine, 'host'>, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)) {
    throw new CapFenceError('KEY_INVALID', 'the name of a key is 1 to 64 of a-z, A-Z, 0-9, `.`, `_`, `-`, `@`')
  }
  return paths.join(places(machine).keys, `${name}.key`)
}

/**
 * The key of that name in the user's config folder, made there where it is missing: 0600 in a 0700 folder, exclusively,
 * so that processes that race all end with the same key.
 */
export function ensureKey(machine: Machine, name: string): { readonly signer: Signer; readonly created: boolean } {
  const path = keyPath(machine, name)
  const { keys } = places(machine)
  privateFolder(folderOf(keys), machine, 'KEY_UNSAFE')
  privateFolder(keys, machine, 'KEY_UNSAFE')
  const created =
    machine.files.facts(path) === undefined &&
    machine.files.create(path, formatKey(name, machine.ids.bytes(KEY_BYTES)), 0o600)
  return { signer: readKey(machine, path), created }
}

/** The signer of a key file. `KEY_MISSING` where there is none, `KEY_UNSAFE` where others can get at it, else `KEY_INVALID`. */
export function readKey(machine: Pick<Machine, 'files' | 'host'>, path: string, options: KeyFileOptions = {}): Signer {
  checkSafe(machine, path, options)
  const text = machine.files.read(path, MAX_KEY_FILE_BYTES)
  if (text === undefined) throw missing(path)
  return parseKey(text, path)
}

/** The one line of a key file: `PRIVATE+KEY+name+hash+base64(0x01 ‖ seed)`. */
export function formatKey(name: string, seed: Uint8Array): string {
  checkKeyName(name)
  const { keyId } = ed25519Signer(name, seed)
  return `PRIVATE+KEY+${name}+${keyId}+${base64(concat(ED25519, seed))}\n`
}

function parseKey(text: string, path: string): Signer {
  const { name, keyId, seed } = FORM.exec(text)?.groups ?? {}
  const bytes = seed === undefined ? undefined : fromBase64(seed)
  if (name === undefined || bytes === undefined || bytes[0] !== ED25519[0])
    throw invalid(path, 'is not the one line of a private key')
  const signer = ed25519Signer(name, bytes.slice(1))
  if (signer.keyId !== keyId) throw invalid(path, 'is damaged: the key does not match its own hash')
  return signer
}

function checkSafe({ files, host }: Pick<Machine, 'files' | 'host'>, path: string, options: KeyFileOptions): void {
  const facts = files.facts(path)
  if (facts === undefined) throw missing(path)
  if (facts.kind !== 'file') throw unsafe(path, 'is not a file', 'name the key file itself')
  if (options.groupRead === true) {
    const isRoots = host.userId() !== undefined && facts.ownerId === 0
    const why = othersMay(
      isRoots ? { ...facts, ownerId: host.userId() ?? 0 } : facts,
      host.userId(),
      NO_ACCESS & ~GROUP_READ,
    )
    if (why !== undefined) throw unsafe(path, why, '`chmod 440` it')
    return
  }
  const why = othersMay(facts, host.userId(), NO_ACCESS)
  if (why !== undefined) throw unsafe(path, why, '`chmod 600` it and make it yours, and take a new key if it was read')
  checkFolder(folderOf(files.realPath(path)), { files, host }, { code: 'KEY_UNSAFE', forbidden: NO_WRITE })
}

function missing(path: string): CapFenceError {
  return new CapFenceError('KEY_MISSING', `there is no key file \`${path}\`; make one with \`capfence keys init\``)
}

function unsafe(path: string, why: string, remedy: string): CapFenceError {
  return new CapFenceError('KEY_UNSAFE', `the key file \`${path}\` ${why}; ${remedy}`)
}

function invalid(path: string, why: string): CapFenceError {
  return new CapFenceError('KEY_INVALID', `the key file \`${path}\` ${why}; restore it from a copy`)
}
