import { fromHex, hex } from '../kernel/bytes.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import type { Checkpoint } from './checkpoint.ts'
import { parseCheckpoint } from './checkpoint.ts'
import { frontierLength, frontierRoot } from './merkle.ts'
import { parseNote } from './signed-note.ts'

/** The prefix of all checkpoints in the state. */
export const CHECKPOINTS = 'checkpoint/'

// One of so many records is kept for good, so that a long trail can be cut there and stays small.
const KEEP_EVERY = 4096

/** The key of a chain's newest checkpoint. */
export function checkpointKey(chain: string): string {
  return `${CHECKPOINTS}${chain}`
}

/** The key under which a checkpoint is kept for good, should it be the first of its 4,096 records. */
export function keptCheckpointKey(chain: string, size: number): string {
  return `${checkpointKey(chain)}/${String(size).padStart(16, '0')}`
}

/** Whether a checkpoint is the first of its 4,096 records, given the size of the one before it. */
export function isKept(size: number, before: number | undefined): boolean {
  return before === undefined || spanOf(before) !== spanOf(size)
}

/** A checkpoint as it stands in the state: the signed note, and the frontier that its root is made of. */
export interface StoredCheckpoint {
  readonly note: string
  readonly frontier: readonly Uint8Array[]
}

/** A checkpoint from the state, with what its note says. */
export interface ParsedCheckpoint extends StoredCheckpoint {
  readonly checkpoint: Checkpoint
}

/** The state value of a checkpoint. */
export function formatStoredCheckpoint({ note, frontier }: StoredCheckpoint): string {
  return canonicalJson({ v: 1, note, frontier: frontier.map(hex) })
}

/**
 * The checkpoint in a state value, strictly; undefined for what `formatStoredCheckpoint` would not have written, or where
 * the frontier does not make the root. Whether anybody signed it is not asked.
 */
export function parseStoredCheckpoint(value: string): ParsedCheckpoint | undefined {
  const stored = storedOf(value)
  if (stored === undefined || formatStoredCheckpoint(stored) !== value) return undefined
  const note = parseNote(stored.note)
  const checkpoint = note && parseCheckpoint(note.text)
  if (checkpoint === undefined || frontierLength(checkpoint.size) !== stored.frontier.length) return undefined
  return hex(frontierRoot(stored.frontier)) === hex(checkpoint.root) ? { ...stored, checkpoint } : undefined
}

function storedOf(value: string): StoredCheckpoint | undefined {
  let members: unknown
  try {
    members = JSON.parse(value)
  } catch {
    return undefined // the caller says so
  }
  const { note, frontier } = (members ?? {}) as Readonly<Record<string, unknown>> // checked below
  if (typeof note !== 'string' || !Array.isArray(frontier)) return undefined
  const roots = frontier.map((root) => (typeof root === 'string' && root.length === 64 ? fromHex(root) : undefined))
  return roots.every((root) => root !== undefined) ? { note, frontier: roots } : undefined
}

function spanOf(size: number): number {
  return Math.floor((size - 1) / KEEP_EVERY)
}
