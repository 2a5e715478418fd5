import { concat, hex, uint32, utf8 } from '../kernel/bytes.ts'
import { sha256, sha256Hex } from '../kernel/digest.ts'
import { DOMAINS } from './domains.ts'

/** The hash that a chain begins with: it binds the log's name and its first writer's key. */
export function genesisEntry(origin: string, vkey: string): Uint8Array {
  return sha256(`${DOMAINS.genesis}${origin}\n${vkey}`)
}

/** The hash of a record: it binds the body, and by the hash before it everything before. */
export function entryHash(previous: Uint8Array, body: string): Uint8Array {
  return sha256(entryText(hex(previous), body))
}

/** The same, from hex to hex: for walks that need no bytes. */
export function entryHashHex(previous: string, body: string): string {
  return sha256Hex(entryText(previous, body))
}

function entryText(previous: string, body: string): string {
  return `${DOMAINS.entry}${previous}\n${body}`
}

/** What the signature of a commit covers: how many records it has, and the root of the tree over them. */
export function signedMessage(size: number, root: Uint8Array): Uint8Array {
  return concat(utf8(DOMAINS.signature), uint32(size), root)
}
