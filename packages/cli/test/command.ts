import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'

// Each test starts real processes, on machines that do other things as well.
vi.setConfig({ testTimeout: 60_000 })

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface How {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
// The sources are stripped of their types once, not in each process.
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-cli-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** A home of its own, so that no key, trust or head of the real user is read or made. */
export function home(folder: string): Record<string, string> {
  return {
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_STATE_HOME: join(folder, 'state'),
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: COMPILED,
  }
}

/** The arguments of node that run the command from its sources. */
export function nodeArguments(args: readonly string[]): string[] {
  return ['--conditions=@capfence/source', MAIN, ...args]
}

/** Runs the real command in a process of its own. */
export function capfence(args: readonly string[], how: How = {}): Promise<Ended> {
  const options: SpawnOptionsWithoutStdio = { cwd: how.cwd, env: how.env ?? home(how.cwd ?? tmpdir()) }
  const child = spawn(process.execPath, nodeArguments(args), options)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined) // a command that ends early reads no further
  child.stdin.end(how.input ?? '')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr })
    })
  })
}
