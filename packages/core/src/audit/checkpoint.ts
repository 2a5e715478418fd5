import { ofBase64, toBase64 } from './portable.ts'

/** How far a log reached, and the root of its tree there. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

const ROOT_BYTES = 32
const FORM = /^(?<origin>[^\n]+)\n(?<size>0|[1-9]\d{0,15})\n(?<root>[^\n]+)\n$/

/** The text of a C2SP tlog-checkpoint, as it is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${String(size)}\n${toBase64(root)}\n`
}

/** Takes the text of a checkpoint apart, strictly; undefined where it is not one. Extension lines are refused: we write none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const { origin, size, root } = FORM.exec(text)?.groups ?? {}
  const bytes = root === undefined ? undefined : ofBase64(root)
  if (origin === undefined || bytes?.length !== ROOT_BYTES || !Number.isSafeInteger(Number(size))) return undefined
  return { origin, size: Number(size), root: bytes }
}
