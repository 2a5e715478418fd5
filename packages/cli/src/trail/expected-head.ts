import { readFileSync } from 'node:fs'
import { CapFenceError } from '@capfence/core'
import { type Checkpoint, noteKeys, openCheckpoint, parseCheckpoint } from '@capfence/core/audit'
import { ioMessage } from '../io-message.ts'

/** A head as it is written on a command line: `ORIGIN:SIZE:ROOT`, the root as in a checkpoint, in base64. */
export function headText({ origin, size, root }: Checkpoint): string {
  return `${origin}:${String(size)}:${Buffer.from(root).toString('base64')}`
}

/** Takes a head apart; undefined where it is not one. */
export function parseHeadText(text: string): Checkpoint | undefined {
  const [, origin, size, root] = /^(.+):(\d+):([^:]+)$/.exec(text) ?? []
  return origin === undefined ? undefined : parseCheckpoint(`${origin}\n${size ?? ''}\n${root ?? ''}\n`)
}

/**
 * The head that whoever verifies expects: written out, which needs no signature, or a checkpoint in a file, which one of
 * the pinned keys must have signed.
 */
export function expectedHead(named: string, trust: readonly string[]): Checkpoint {
  const head = parseHeadText(named)
  if (head !== undefined) return head
  if (trust.length === 0) throw invalid(named, 'no key is pinned that could have signed it; pin one with `--trust`')
  const opened = openCheckpoint(readNote(named), noteKeys(trust))
  if (typeof opened === 'string') throw invalid(named, `it ${opened}`)
  return opened
}

function readNote(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = `${ioMessage(path, cause)}; \`--expect-head\` takes ORIGIN:SIZE:ROOT or the file of a checkpoint`
    throw new CapFenceError('IO', why, { cause })
  }
}

function invalid(named: string, why: string): CapFenceError {
  return new CapFenceError('HEAD_INVALID', `the checkpoint \`${named}\` cannot be used: ${why}`)
}
