import { readFileSync } from 'node:fs'
import { CapFenceError } from '@capfence/core'
import { type Lock, type ToolFinding, type ToolPins, changesText, parseLock, toolPins } from '@capfence/mcp/proxy'
import { ioMessage } from '../io-message.ts'
import { visible } from '../visible.ts'
import type { Say } from './say.ts'

/** The lock in a file; undefined where there is no such file. */
export function readLock(file: string): Lock | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new CapFenceError('IO', ioMessage(file, cause), { cause })
  }
  try {
    return parseLock(text)
  } catch (cause) {
    throw new CapFenceError(
      'OPTION_INVALID',
      `\`${file}\`: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

/** What the tools of a server are held against: a file, or else what the server said when it said it first. */
export function pinsFor(server: string, file: string | undefined, say: Say): ToolPins {
  const onFinding = (finding: ToolFinding): void => {
    tell(finding, server, say)
  }
  if (file !== undefined) {
    const lock = readLock(file)
    if (lock === undefined)
      throw new CapFenceError('IO', `there is no \`${file}\`; write it with \`capfence mcp lock\``)
    if (!lock.has(server))
      throw new CapFenceError('OPTION_INVALID', `\`${file}\` pins nothing of the server \`${server}\``)
    return toolPins({ server, lock, onFinding })
  }
  // A client may call what it never listed: without a file, only what is known to have changed is held back.
  return toolPins({ server, allowsUnlisted: true, onFinding })
}

function tell(finding: ToolFinding, server: string, say: Say): void {
  switch (finding.kind) {
    case 'changed':
      say.line(
        `the server \`${server}\` changed what it says of \`${finding.tool}\`; its calls are denied until a person pins it anew (\`capfence mcp lock\`)`,
      )
      return say.block(`${changesText(finding.changes)}\n`)
    case 'not_pinned':
      return say.line(
        `the server \`${server}\` has a tool that is not pinned: \`${finding.tool}\`; it is hidden, and its calls are denied`,
      )
    case 'unreadable':
      return say.line(`the server \`${server}\` lists a tool that cannot be read; it is hidden`)
    case 'hidden_characters': {
      const characters = finding.characters.map(
        ({ path, character, count }) => `${character} ×${String(count)} in ${path}`,
      )
      return say.line(
        `warning: \`${finding.tool}\` of \`${server}\` has characters that nobody sees: ${visible(characters.join(', '))}`,
      )
    }
    default:
      return finding satisfies never
  }
}
