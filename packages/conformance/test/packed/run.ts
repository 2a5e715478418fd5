import { spawn } from 'node:child_process'
import { delimiter, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

/** The root of the repository. */
export const ROOT: string = resolve(import.meta.dirname, '../../../..')

const TOOLS = resolve(ROOT, 'node_modules/.bin')

/** How a program ended, and all that it said. */
export interface Ended {
  readonly status: number | null
  readonly output: string
}

/** Runs a program in a folder to its end, and knows nothing of the test run that asks for it. */
export async function run(folder: string, command: string, ...args: readonly string[]): Promise<Ended> {
  const child = spawn(command, args, { cwd: folder, env: ownEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolveStatus, reject) => {
    child.once('error', reject)
    child.once('close', resolveStatus)
  })
  const [status, said, complained] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { status, output: `${said}${complained}` }
}

/** As `run`, for what must end well; gives what it said. */
export async function runWell(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  const { status, output } = await run(folder, command, ...args)
  if (status !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with ${String(status)}\n${output}`)
  return output
}

/** Runs a tool that the repository itself depends on. */
export const tool = (name: string): string => resolve(TOOLS, name)

/** Runs the pnpm that runs these tests, or else the one that the repository names. */
export async function pnpm(folder: string, ...args: readonly string[]): Promise<string> {
  const [command = 'npx', ...before] = pnpmCommand()
  return await runWell(folder, command, ...before, ...args)
}

function pnpmCommand(): readonly string[] {
  const { npm_execpath: path, npm_config_user_agent: agent } = process.env
  if (path === undefined || agent?.startsWith('pnpm/') !== true) return ['npx', '--yes', 'pnpm@12']
  return /\.[cm]?js$/u.test(path) ? [process.execPath, path] : [path]
}

// Where a package is looked for, and in which mode it runs, is for the folder to say and not for who runs the tests.
const OF_THE_TESTS = /^(?:NODE_ENV|NODE_OPTIONS|NODE_PATH|VITEST.*|OPENAI_.*|FORCE_COLOR)$/u

function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_THE_TESTS.test(name))
  return { ...Object.fromEntries(kept), NO_COLOR: '1', PATH: [TOOLS, process.env['PATH']].join(delimiter) }
}
