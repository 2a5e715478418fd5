// With ports.ts the other file of core that reaches the machine: it starts a program, without a shell.
import type { ChildProcess } from 'node:child_process'
import type { Environment } from './agent-environment.ts'

/** How a program ended, and what it wrote. */
export interface Started {
  /** Null where a signal ended it. */
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

interface StartOptions {
  readonly cwd: string | undefined
  /** Makes the environment out of this process's own. */
  readonly environment: (own: Environment, isWindows: boolean) => Record<string, string>
  readonly input: string | undefined
  readonly timeoutMs: number | undefined
  readonly maxOutputBytes: number
  readonly signal: AbortSignal | undefined
}

/** Starts a program with its words and waits for its end; rejects where that is not one of its own making. */
export async function startProgram(program: string, words: readonly string[], options: StartOptions): Promise<Started> {
  const { spawn } = await import('node:child_process')
  const { cwd, environment, input, timeoutMs, maxOutputBytes, signal } = options
  const isWindows = process.platform === 'win32'
  signal?.throwIfAborted()
  const env = environment(process.env, isWindows)
  return new Promise((resolve, reject) => {
    // A group of its own, so that what it starts can be ended with it.
    const child = spawn(program, [...words], {
      cwd,
      env: withoutLocalPath(env, isWindows),
      shell: false,
      detached: !isWindows,
      windowsHide: true,
    })
    let stopped: Error | undefined
    const stop = (why: string): void => {
      stopped ??= new Error(why)
      endGroup(child, isWindows)
    }
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs, `it took longer than ${String(timeoutMs)} ms`)
    const aborted = (): void => {
      stop('its caller gave up')
    }
    signal?.addEventListener('abort', aborted, { once: true })
    const cap =
      (name: string): (() => void) =>
      () => {
        stop(`it wrote more than ${String(maxOutputBytes)} bytes to ${name}`)
      }
    const stdout = collect(child.stdout, maxOutputBytes, cap('stdout'))
    const stderr = collect(child.stderr, maxOutputBytes, cap('stderr'))
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
    }
    child.once('error', (cause) => {
      done()
      reject(cause)
    })
    child.once('close', (exitCode, by) => {
      done()
      if (stopped === undefined) resolve({ exitCode, signal: by, stdout: stdout(), stderr: stderr() })
      else reject(stopped)
    })
    // A program may end without reading what it is given; how it ended says enough.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
  })
}

const SYSTEM_PATH = '/usr/bin:/bin'

// An empty or relative part of PATH, and an empty PATH, means the working folder, where the agent may have put a program of that name.
function withoutLocalPath(env: Record<string, string>, isWindows: boolean): Record<string, string> {
  if (isWindows) return env
  const folders = (env['PATH'] ?? '').split(':').filter((folder) => folder.startsWith('/'))
  return { ...env, PATH: folders.length === 0 ? SYSTEM_PATH : folders.join(':') }
}

function collect(stream: NodeJS.ReadableStream, maxBytes: number, overflow: () => void): () => string {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  stream.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes > maxBytes) overflow()
    else chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

function endGroup(child: ChildProcess, isWindows: boolean): void {
  try {
    if (child.pid !== undefined && !isWindows) process.kill(-child.pid, 'SIGKILL')
    else child.kill('SIGKILL')
  } catch (cause) {
    // It was over already; `close` tells how.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause
  }
}
