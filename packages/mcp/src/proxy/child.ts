import { type ChildProcess, spawn } from 'node:child_process'
import { CapFenceError } from '@capfence/core'
import { type LineWriter, lineWriter } from './line-writer.ts'
import { type Line, takeLines } from './lines.ts'
import { errorsTo, showErrors } from './server-errors.ts'
import { resolvesWithin } from './time.ts'

/** Which server to start, and how. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string | undefined
  /** How long it may take to end when told to, and again when it was sent a signal; 1 s where left out. */
  readonly graceMs?: number | undefined
}

/** How a process ended. */
interface Ended {
  /** In words, for people. */
  readonly how: string
  readonly code: number | null
}

/** A running server. */
export interface Child {
  /** Hands over what it says, as `takeLines` does. To be called once. */
  readonly takeLines: (take: (line: Line) => Promise<void>) => Promise<void>
  readonly writer: LineWriter
  readonly ended: Promise<Ended>
  /** Closes its input, and ends it and all that it started, by force where it does not go. */
  readonly stop: () => Promise<void>
}

const DEFAULT_GRACE_MS = 1_000
const isWindows = process.platform === 'win32'

/** Starts a server without a shell. Rejects where there is none to start. */
export async function startChild(command: Command, maxLineBytes: number): Promise<Child> {
  const started = spawn(command.command, command.args, {
    env: command.env,
    cwd: command.cwd,
    stdio: ['pipe', 'pipe', errorsTo(process.stderr.isTTY)],
    shell: false,
    windowsHide: true,
    // A group of its own: whatever the server starts in turn can be ended with it.
    detached: !isWindows,
  })
  await new Promise<void>((resolve, reject) => {
    started.once('spawn', resolve)
    started.once('error', (cause) => {
      reject(new CapFenceError('IO', `cannot start \`${command.command}\`: ${reasonOf(cause)}`, { cause }))
    })
  })
  const { stdin, stdout, stderr } = started
  if (stdin === null || stdout === null) throw new CapFenceError('IO', `\`${command.command}\` has no pipes`)
  if (stderr !== null) showErrors(stderr, (text) => process.stderr.write(text))
  const ended = endOf(started)
  const release = endWithUs(started)
  const writer = lineWriter(stdin)
  return {
    takeLines: (take) => takeLines(stdout, maxLineBytes, take),
    writer,
    ended: ended.finally(release),
    stop: () => stop({ started, writer, ended, graceMs: command.graceMs ?? DEFAULT_GRACE_MS }),
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program, or no such folder to start it in',
  EACCES: 'it may not be run',
}

function reasonOf(cause: Error): string {
  return ('code' in cause ? REASONS[String(cause.code)] : undefined) ?? cause.message
}

function endOf(started: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    started.on('error', () => undefined) // a signal that found nobody; whether it ended is what `exit` says
    started.once('exit', (code, signal) => {
      // What it left behind in its group ends with it.
      signalGroup(started, 'SIGKILL')
      resolve({ how: signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`, code })
    })
  })
}

// Also where this process ends in a way that waits for nothing.
function endWithUs(started: ChildProcess): () => void {
  const kill = (): void => {
    signalGroup(started, 'SIGKILL')
  }
  process.on('exit', kill)
  return () => process.off('exit', kill)
}

interface Stopping {
  readonly started: ChildProcess
  readonly writer: LineWriter
  readonly ended: Promise<Ended>
  readonly graceMs: number
}

async function stop({ started, writer, ended, graceMs }: Stopping): Promise<void> {
  writer.end()
  started.stdout?.resume() // a server that waits for its reader could not end
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (await resolvesWithin(ended, graceMs)) return
    signalGroup(started, signal)
  }
  await ended
}

function signalGroup(started: ChildProcess, signal: NodeJS.Signals): void {
  if (started.pid === undefined) return
  try {
    if (isWindows) started.kill(signal)
    else process.kill(-started.pid, signal)
  } catch (cause) {
    // Nobody of the group is left: that is what was wanted.
    if (!(cause instanceof Error && 'code' in cause && (cause.code === 'ESRCH' || cause.code === 'EPERM'))) throw cause
  }
}
