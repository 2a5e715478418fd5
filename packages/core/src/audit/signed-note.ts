import { CapFenceError } from '../kernel/errors.ts'
import { ofBase64, ofHex, toBase64, toHex } from './portable.ts'

/** A signature line of a note. */
interface NoteSignature {
  readonly name: string
  /** Eight hex digits; with the name it says which key signed, and by which algorithm. */
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A C2SP signed note: a text, and who signed it. Nothing in it counts before a signature was verified. */
export interface SignedNote {
  /** With the line's end that it ends in: these are the bytes that are signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A key that a note can be signed with. */
export interface NoteKey {
  readonly name: string
  readonly keyId: string
}

const MAX_NOTE_LENGTH = 1_048_576
const MAX_SIGNATURES = 100
const KEY_ID_BYTES = 4
const LINE = /^— (?<name>[^+\s\p{C}\p{Z}]+) (?<blob>\S+)$/u
// oxlint-disable-next-line no-control-regex -- these are what a note may not hold
const CONTROL = /[\0-\u0009\u000b-\u001f]/

/** Takes a note apart, strictly; undefined where it is not one. Verifies nothing. */
export function parseNote(note: string): SignedNote | undefined {
  if (note.length > MAX_NOTE_LENGTH || !isText(note)) return undefined
  // The last empty line: the text itself may have others.
  const end = note.lastIndexOf('\n\n')
  if (end < 0) return undefined
  const lines = note.slice(end + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) return undefined
  const signatures = lines.map(parseLine)
  return signatures.every((found) => found !== undefined) ? { text: note.slice(0, end + 1), signatures } : undefined
}

/** Writes a note. `CHAIN_INVALID` where its text is none that a note can carry. */
export function formatNote({ text, signatures }: SignedNote): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    const blob = toBase64(Uint8Array.of(...(ofHex(keyId) ?? []), ...signature))
    return `— ${name} ${blob}\n`
  })
  const note = `${text}\n${lines.join('')}`
  if (parseNote(note)?.text === text) return note
  throw new CapFenceError('CHAIN_INVALID', 'this cannot be written as a signed note: use lines of plain text')
}

/** The signatures of a note that are by known keys, with those keys; others are to be ignored (C2SP signed-note). */
export function knownSignatures<Key extends NoteKey>(
  { signatures }: SignedNote,
  keys: readonly Key[],
): readonly { readonly signature: Uint8Array; readonly keys: readonly Key[] }[] {
  return signatures.flatMap(({ name, keyId, signature }) => {
    const known = keys.filter((key) => key.name === name && key.keyId === keyId)
    return known.length === 0 ? [] : [{ signature, keys: known }]
  })
}

function isText(note: string): boolean {
  return note.isWellFormed() && note.endsWith('\n') && !CONTROL.test(note)
}

function parseLine(line: string): NoteSignature | undefined {
  const { name, blob } = LINE.exec(line)?.groups ?? {}
  const bytes = blob === undefined ? undefined : ofBase64(blob)
  if (name === undefined || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined
  return { name, keyId: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.subarray(KEY_ID_BYTES) }
}
