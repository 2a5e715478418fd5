import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ActionEvent } from '../src/action/action-event.ts'
import { machine } from '../src/kernel/ports.ts'
import { loadPolicy, parsePolicyText } from '../src/policy/load/load-policy.ts'
import type { Policy } from '../src/policy/policy.ts'
import { toolCallEvent } from '../src/policy/tool-call.ts'
import { median, table } from './median.ts'
import { HOSTILE } from './shell.ts'

const RUNS = 300
const WARM_UP = 150
/** So few that most runs see neither another process nor the collector. */
const CALLS = 50
const WORST_RUNS = 9
const BASH = '{ capability: shell.exec.workspace, command: command, cwd: cwd, shell: bash }'

/** Four kinds of tools, with a rule over the facts of each. */
const POLICY = `version: 1
tools:
  bash: ${BASH}
  query: { capability: database.query.shop, sql: query, dialect: postgres }
  read: { capability: filesystem.read.workspace, path: path, root: /workspace }
  fetch: { capability: http.get.web, url: url }
  other: { capability: other.run.workspace }
deny:
  - { capability: shell, shell: { effects_any: [fs.delete, fs.wipe] } }
allow:
  - { capability: shell.exec.*, shell: { effects_only: [exec, fs.read] } }
  - { capability: database.query.*, sql: { effects_only: read } }
  - { capability: filesystem.read.*, path_prefix: /workspace }
  - { capability: http.get.*, url: { schemes: https, host_class: public } }
  - { capability: other.run.* }
`

type Call = readonly [what: string, tool: string, args: (call: number) => Readonly<Record<string, unknown>>]

// The texts differ from call to call: each is read, none is remembered.
const CALLS_OF: readonly Call[] = [
  ['no fact', 'other', (call) => ({ text: `notes ${String(call)}` })],
  [
    'shell, 60 characters',
    'bash',
    (call) => ({
      command: `cd /workspace/app && grep -rn "foo ${String(call).padStart(5)}" src | head -20`,
      cwd: '/workspace',
    }),
  ],
  [
    'shell, one command',
    'bash',
    (call) => ({ command: `git log --oneline --since=2.weeks -n ${String(call)}`, cwd: '/workspace' }),
  ],
  [
    'SQL',
    'query',
    (call) => ({ query: `SELECT name, age FROM singer WHERE country = $1 ORDER BY age DESC LIMIT ${String(call)}` }),
  ],
  ['path, no file system', 'read', (call) => ({ path: `src/../notes/${String(call)}/today.md` })],
  ['URL', 'fetch', (call) => ({ url: `https://api.example.com/v1/items/${String(call)}?page=2` })],
]

/** What a whole decision takes whose rule looks at a fact, every event judged once. */
export async function benchFacts(): Promise<void> {
  const policy = await parsePolicyText(POLICY)
  const rows = CALLS_OF.map((call) => [call[0], measured(policy, call).toFixed(1)])
  table('Policy.evaluate with a fact, µs', [['', 'a decision'], ...rows])
  const strict = await packed('shell/strict')
  const worst = HOSTILE.map(([what, line]) => [what, (decided(strict, line) / 1_000).toFixed(1)])
  table('A decision of shell/strict on a line of 16 KiB, ms', [['', 'a decision'], ...worst])
}

async function packed(pack: string): Promise<Policy> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  const path = join(folder, 'policy.yaml')
  writeFileSync(path, `version: 1\nextends: [capfence:${pack}]\ntools:\n  bash: ${BASH}\n`)
  const { files } = machine()
  const policy = await loadPolicy(path, files, { links: files.links })
  rmSync(folder, { recursive: true })
  return policy
}

function decided(policy: Policy, command: string): number {
  const times = Array.from({ length: WORST_RUNS }, () => {
    const [event] = events(policy, { tool: 'bash', args: () => ({ command, cwd: '/workspace' }), calls: 1 })
    const startedAt = performance.now()
    if (event !== undefined) policy.evaluate(event)
    return (performance.now() - startedAt) * 1_000
  })
  return median(times)
}

interface Events {
  readonly tool: string
  readonly args: Call[2]
  readonly calls: number
}

function events(policy: Policy, { tool, args, calls }: Events): readonly ActionEvent[] {
  return Array.from({ length: calls }, (_none, call) =>
    ActionEvent.create(
      toolCallEvent(policy, { tool, args: args(call), actor: 'agent', environment: 'test', risk: 'low' }),
    ),
  )
}

function measured(policy: Policy, [what, tool, args]: Call): number {
  const times: number[] = []
  for (let run = -WARM_UP; run < RUNS; run++) {
    const all = events(policy, { tool, args, calls: CALLS })
    const startedAt = performance.now()
    const allowed = all.filter((event) => policy.evaluate(event).decision === 'allow').length
    const microseconds = ((performance.now() - startedAt) * 1_000) / CALLS
    if (allowed !== CALLS) throw new Error(`${what}: ${String(CALLS - allowed)} calls were not allowed`)
    if (run >= 0) times.push(microseconds)
  }
  return median(times)
}

if (import.meta.main) await benchFacts()
