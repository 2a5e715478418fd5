import { utf8 } from '../kernel/bytes.ts'
import { type Verifier, ed25519Verifier } from '../kernel/ed25519.ts'
import type { Signer } from '../kernel/signer.ts'
import { readVkey } from '../kernel/vkey.ts'
import { type Checkpoint, checkpointText, parseCheckpoint } from './checkpoint.ts'
import { signChecked } from './seal.ts'
import { type NoteKey, formatNote, knownSignatures, parseNote } from './signed-note.ts'

/** Writes a checkpoint as a note that is signed under the name in the signer's vkey. Signers fail as in `seal`. */
export async function signCheckpoint(signer: Signer, checkpoint: Checkpoint): Promise<string> {
  const text = checkpointText(checkpoint)
  const signature = await signChecked(signer, utf8(text))
  const { name, keyId } = readVkey(signer.vkey)
  return formatNote({ text, signatures: [{ name, keyId, signature }] })
}

/** Keys that notes may be signed with, each prepared once. */
export type NoteKeys = readonly (NoteKey & Pick<Verifier, 'verify'>)[]

/** Prepares keys; `KEY_INVALID` where one is not good. */
export function noteKeys(vkeys: readonly string[]): NoteKeys {
  return [...new Set(vkeys)].map((vkey) => {
    const verifier = ed25519Verifier(vkey)
    const verify: Verifier['verify'] = (message, signature) => verifier.verify(message, signature)
    return { name: readVkey(vkey).name, keyId: verifier.keyId, verify }
  })
}

/** The text of a note that a known key signed, or what is wrong with the note. */
export function openNote(note: string, known: NoteKeys): { readonly text: string } | { readonly fault: string } {
  const parsed = parseNote(note)
  if (parsed === undefined) return { fault: 'is not a signed note' }
  const signed = knownSignatures(parsed, known)
  if (signed.length === 0) return { fault: 'is not signed by a trusted key' }
  const message = utf8(parsed.text)
  // One bad signature of a known key spoils the note (C2SP signed-note).
  const isGood = signed.every(({ signature, keys: own }) => own.some((key) => key.verify(message, signature)))
  return isGood ? { text: parsed.text } : { fault: 'has a signature that does not verify' }
}

/** The checkpoint in a note that a known key signed, or what is wrong with it. */
export function openCheckpoint(note: string, known: NoteKeys): Checkpoint | string {
  const opened = openNote(note, known)
  if ('fault' in opened) return opened.fault
  return parseCheckpoint(opened.text) ?? 'is not a checkpoint'
}
