import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A script of `children/` in a process of its own. */
export interface Child {
  readonly process: ChildProcess
  /** What it has printed, by line. */
  readonly lines: readonly string[]
  /** Resolves once so many lines are printed, or it has ended. */
  printed(count: number): Promise<void>
  /** Resolves with its exit code or the signal that ended it. */
  readonly ended: Promise<number | string | null>
}

const SCRIPTS = {
  append: new URL('./children/append.ts', import.meta.url),
  'append-through-faults': new URL('./children/append-through-faults.ts', import.meta.url),
  count: new URL('./children/count.ts', import.meta.url),
  'fill-disk': new URL('./children/fill-disk.ts', import.meta.url),
  'hold-lock': new URL('./children/hold-lock.ts', import.meta.url),
} as const

/** The name of a script of `children/`. */
export type Script = keyof typeof SCRIPTS

/** The arguments of Node that run a script. Node 22 calls its SQLite experimental; only errors are to be printed. */
export function nodeArguments(name: Script, ...args: readonly string[]): string[] {
  return ['--disable-warning=ExperimentalWarning', fileURLToPath(SCRIPTS[name]), ...args]
}

/** Starts a script. */
export function startChild(name: Script, ...args: readonly string[]): Child {
  return follow(spawn(process.execPath, nodeArguments(name, ...args), { stdio: ['ignore', 'pipe', 'inherit'] }))
}

function follow(child: ChildProcess): Child {
  const lines: string[] = []
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const check of waiting) check()
  }
  let isOver = false
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      wake()
    })
  }
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true
      wake()
      resolve(signal ?? code)
    })
  })
  const printed = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (isOver || lines.length >= count) resolve()
      }
      waiting.push(check)
      check()
    })
  return { process: child, lines, printed, ended }
}
