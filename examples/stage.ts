import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(import.meta.dirname, '..')

/** A database, keys and heads of a story's own, and the real command line in processes of its own. */
export interface Stage {
  readonly database: string
  /** Runs `capfence` as a person would in another terminal. */
  readonly capfence: (...args: readonly string[]) => {
    readonly status: number | null
    readonly stdout: string
    readonly stderr: string
  }
}

/** Sets the stage: nothing of yours is touched, nothing is left behind, and the working folder is the repository. */
export function stage(): Stage {
  const home = mkdtempSync(join(tmpdir(), 'capfence-story-'))
  const database = join(home, 'story.db')
  Object.assign(process.env, { CAPFENCE_DB: database, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: 'alice' })
  process.chdir(root)
  process.on('exit', () => {
    rmSync(home, { recursive: true, force: true })
  })
  // Run from the sources, a story runs the command from its sources too; else the command that is installed.
  const isSource = process.execArgv.some((argument) => argument.includes('@capfence/source'))
  const main = isSource
    ? join(root, 'packages/cli/src/main.ts')
    : fileURLToPath(new URL('bin/capfence.js', import.meta.resolve('@capfence/cli/package.json')))
  const command = [...process.execArgv, main]
  return {
    database,
    capfence: (...args) => spawnSync(process.execPath, [...command, ...args], { encoding: 'utf8', env: process.env }),
  }
}
