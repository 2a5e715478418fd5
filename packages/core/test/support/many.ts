import { type ChildProcess, spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** A started process of Node on one of our TypeScript files. */
export interface Started {
  readonly child: ChildProcess
  /** What it printed; rejects with its error output where it ends otherwise than well. */
  readonly ended: Promise<string>
}

/** Starts Node on a TypeScript file, on the sources. */
export function start(file: string, args: readonly string[]): Started {
  const child = spawn(process.execPath, ['--conditions=@capfence/source', file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`exit ${String(code)}: ${stderr}`))
    })
  })
  return { child, ended }
}
