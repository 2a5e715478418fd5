import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Ended, capfence, home, temporaryFolder } from './command.ts'

const CHILD = fileURLToPath(new URL('agent-child.ts', import.meta.url))

/** What the agent's runtime made of one call. */
interface Answer {
  /** The code of the verdict, or `ran`. */
  readonly code: string
  /** How many tools have run in all. */
  readonly runs: number
  readonly message?: string
  readonly request?: string | null
}

/** A running agent: a process of its own that keeps the database open. */
interface Agent {
  call(event: object): Promise<Answer>
}

/** A place with a policy, a user and a database, and the real command in it. */
export interface Site {
  readonly folder: string
  readonly env: Record<string, string>
  readonly database: string
  readonly run: (...args: readonly string[]) => Promise<Ended>
  /** As another user would: with another folder for keys and trust. */
  readonly as: (name: string, more?: Readonly<Record<string, string>>) => (...args: readonly string[]) => Promise<Ended>
  readonly agent: () => Agent
  readonly sql: (statement: string) => void
}

/** What the agents of the tests may do: whatever is asked of `github` needs approval, payments above 1,000 too. */
export const POLICY = `version: 1
require_approval:
  - { id: push, capability: github.push.* }
  - { id: pay, capability: payment.execute.*, amount_gt: 1000, approval: { quorum: 2 } }
allow:
  - filesystem.read.workspace
`

/** A new site. */
export function site(policy: string = POLICY): Site {
  const folder = temporaryFolder()
  const env = home(folder)
  const database = join(folder, 'trail.db')
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, policy)
  const as: Site['as'] = (name, more = {}) => {
    const other = { ...env, XDG_CONFIG_HOME: join(folder, name), CAPFENCE_DB: database, ...more }
    return (...args) => capfence(args, { cwd: folder, env: other })
  }
  return {
    folder,
    env,
    database,
    run: as('config'),
    as,
    agent: () => startAgent([file, database], env),
    sql: (statement) => {
      const connection = new DatabaseSync(database)
      connection.exec(statement)
      connection.close()
    },
  }
}

let calls = 0

/** A push of one actor; each has an id of its own, so that each is a call of its own. */
export function push(more: object = {}): object {
  calls += 1
  const context = { actor: 'hotfix-agent', environment: 'production', risk: 'high' }
  return {
    id: `call-${String(calls)}`,
    ...context,
    action: 'push',
    resource: 'github.main',
    args: { repo: 'a/b' },
    ...more,
  }
}

function startAgent(args: readonly string[], env: Record<string, string>): Agent {
  const child = spawn(process.execPath, ['--conditions=@capfence/source', CHILD, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.stdin.end()
    await ended
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    call: async (event) => {
      child.stdin.write(`${JSON.stringify(event)}\n`)
      const line = await lines.next()
      if (line.done === true) throw new Error('the agent is gone')
      return JSON.parse(line.value) as Answer
    },
  }
}
