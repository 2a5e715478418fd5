import type { CapFenceError } from '../kernel/errors.ts'
import { isCapFenceError } from '../kernel/errors.ts'
import { type HeadRecord, parseHead } from './head-file.ts'

/** `required`: no decision is given before the head after it is kept there. `best-effort`: the newest head, soon. */
export type SinkMode = 'required' | 'best-effort'

/**
 * Somewhere outside the database that is told of each new head of a trail: a file, a log, a service. It is told nothing
 * else: a head says how long the trail is and how it ends, and nothing of what agents did.
 */
export interface HeadSink {
  /** What it is called in messages. */
  readonly name: string
  readonly mode: SinkMode
  /** Resolves once the head is kept; `line` is the text of a head file: one line of JSON with its end. */
  keep(line: string): Promise<void>
  /** The line of the highest head of a trail that is kept there. Left out where nothing can be read back. */
  newest?(origin: string): Promise<string | undefined>
}

/** The head of a trail in a line; undefined where it is none, or of another trail. */
export function headInLine(line: string, origin: string): HeadRecord | undefined {
  try {
    return parseHead(`${line.trimEnd()}\n`, { path: 'a sink', origin })
  } catch (cause) {
    if (isHeadInvalid(cause)) return undefined
    throw cause
  }
}

function isHeadInvalid(cause: unknown): cause is CapFenceError {
  return isCapFenceError(cause) && cause.code === 'HEAD_INVALID'
}
