import { renameSync, writeFileSync } from 'node:fs'
import { CapFenceError } from '@capfence/core'
import { type ToolChange, changesText, compareTools, listTools, lockText, pinnedTools } from '@capfence/mcp/proxy'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { ServerFlags } from '../mcp/flags.ts'
import { readLock } from '../mcp/pins.ts'
import { say } from '../mcp/say.ts'
import { type Upstream, upstream } from '../mcp/upstream.ts'
import type { Terminal } from '../output.ts'
import { jsonLine, visible } from '../visible.ts'

/** What to pin, where, and how to tell of it. */
export interface LockOptions extends ServerFlags {
  readonly pins: string
  readonly check: boolean
  readonly json: boolean
}

const MAX_LIST_BYTES = 64 * 1024 * 1024

/** Pins what a server says of its tools now, and tells what became of them since they were pinned before. */
export async function lockTools(options: LockOptions, terminal: Terminal): Promise<ExitCode> {
  const { pins: file, check, json } = options
  const server = upstream(options, { maxMessageBytes: MAX_LIST_BYTES, restarts: 0 })
  const before = readLock(file)
  if (check && before === undefined) throw new CapFenceError('IO', `there is no \`${file}\` to check against`)
  const listed = pinnedTools(await toolsOf(server, terminal))
  const changes = compareTools(before?.get(server.name) ?? new Map(), listed)
  if (!check) write(file, lockText(new Map([...(before ?? []), [server.name, listed]])))
  const counts = { file, server: server.name, tools: listed.size }
  await terminal.out.write(json ? jsonLine({ ...counts, changes }) : asText(options, counts, changes))
  return check && changes.length > 0 ? EXIT.found : EXIT.ok
}

async function toolsOf({ name, openBack }: Upstream, terminal: Terminal): Promise<readonly unknown[]> {
  try {
    return await listTools({ openBack, say: say(terminal).line })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CapFenceError('IO', `cannot list the tools of \`${name}\`: ${why}`, { cause })
  }
}

// Whole or not at all: half a lock would pin half.
function write(file: string, text: string): void {
  const half = `${file}.${String(process.pid)}.new`
  try {
    writeFileSync(half, text)
    renameSync(half, file)
  } catch (cause) {
    throw new CapFenceError(
      'IO',
      `cannot write \`${file}\`: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

function asText(
  { check }: LockOptions,
  { file, server, tools }: { readonly file: string; readonly server: string; readonly tools: number },
  changes: readonly ToolChange[],
): string {
  const lines = changes.map((change) => `${visible(`${change.kind} ${change.tool}`)}\n${detail(change)}`)
  const done = check ? (changes.length === 0 ? 'as pinned' : 'not as pinned') : `pinned in ${visible(file)}`
  return `${lines.join('')}${visible(server)}: ${String(tools)} tools, ${done}\n`
}

function detail(change: ToolChange): string {
  return change.kind === 'changed' ? `${changesText(change.changes)}\n` : ''
}
