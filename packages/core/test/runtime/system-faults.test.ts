// The n-th system call of a process that runs gated tools fails, or is its last. A sample runs always; all of them:
//   CAPFENCE_FAULTS=all vitest run --config .config/vitest.config.ts packages/core/test/runtime/system-faults.test.ts
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { decodeBody } from '../../src/audit/decode-body.ts'
import { openCapFence } from '../../src/compose/open-capfence.ts'
import { homeIn } from '../support/home-in.ts'
import { scratchFolder } from '../support/scratch.ts'
import { POLICY, read } from './gate.ts'

const TRACER = 'strace'
const CHILD = new URL('faults-child.ts', import.meta.url).pathname
const CALLS = ['pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'rename'] as const
const FAULTS = { EIO: 'error=EIO', ENOSPC: 'error=ENOSPC', KILL: 'signal=KILL' } as const

type Call = (typeof CALLS)[number]
type Fault = keyof typeof FAULTS

/** `new`: nothing is there yet, no key, no database. `begun`: the trail was begun and closed. `left`: its writer was killed. */
type Home = 'new' | 'begun' | 'left'

interface Strike {
  readonly home: Home
  readonly call: Call
  readonly fault: Fault
  readonly nth: number
}

const SAMPLE: readonly (readonly [Home, Call, Fault, number])[] = [
  ['begun', 'fsync', 'EIO', 1],
  ['begun', 'fsync', 'EIO', 4],
  ['begun', 'fsync', 'KILL', 6],
  ['begun', 'pwrite64', 'ENOSPC', 19],
  ['begun', 'pwrite64', 'KILL', 41],
  ['begun', 'pwrite64', 'EIO', 70],
  ['begun', 'ftruncate', 'EIO', 1],
  ['begun', 'rename', 'EIO', 1],
  ['begun', 'rename', 'KILL', 3],
  ['begun', 'rename', 'ENOSPC', 4],
  ['new', 'fsync', 'EIO', 1],
  ['new', 'fsync', 'KILL', 3],
  ['new', 'pwrite64', 'KILL', 30],
  ['new', 'rename', 'KILL', 2],
  ['left', 'fsync', 'EIO', 1],
  ['left', 'pwrite64', 'EIO', 3],
  ['left', 'ftruncate', 'ENOSPC', 1],
]

const EVERY = (['new', 'begun', 'left'] as const).flatMap((home) =>
  CALLS.flatMap((call) => (['EIO', 'ENOSPC', 'KILL'] as const).map((fault) => [home, call, fault] as const)),
)

const isTraceable = spawnSync(TRACER, ['-f', '-qq', '-o', '/dev/null', 'true']).status === 0
const isRequired = process.env['CAPFENCE_REQUIRE_SERVICES'] === '1'
const isWhole = process.env['CAPFENCE_FAULTS'] === 'all'

// Skipped only where strace is missing, or this user may not trace.
describe.skipIf(!isTraceable && !isRequired)('after a system call that failed the trail is whole', () => {
  test.for(isWhole ? [] : SAMPLE)('%s %s %s %i', { timeout: 60_000 }, async ([home, call, fault, nth]) => {
    expect(await strike({ home, call, fault, nth })).toBe(true)
  })

  test.for(isWhole ? EVERY : [])('%s %s %s, each', { timeout: 3_600_000 }, async ([home, call, fault]) => {
    for (let nth = 1; await strike({ home, call, fault, nth }); nth++);
  })
})

/** Strikes once and looks at what is left; false where the process makes fewer such calls. */
async function strike({ home, call, fault, nth }: Strike): Promise<boolean> {
  const folder = scratchFolder()
  if (home !== 'new') expect(await decideIn(folder)).toBe(true)
  if (home === 'left') await run(folder, { call: 'rename', fault: 'KILL', nth: 3 })
  const { log, told } = await run(folder, { call, fault, nth })
  const where = `${home} ${call} ${fault} ${String(nth)}`
  expect(await decideIn(folder), where).toBe(true)
  expect({ where, ...(await found(folder)) }).toEqual({ where, exitCode: 0, undecided: [], integrity: 'ok' })
  const isStruck = log.includes('(INJECTED)') || log.includes('killed by SIGKILL')
  if (!isStruck) expect({ where, told }).toEqual({ where, told: [...told.keys()].map(() => 'ran') })
  return isStruck
}

interface Run {
  readonly log: string
  /** What became of each call, where the process lived to tell. */
  readonly told: readonly string[]
}

// Ends with whatever it ends with; what was injected stands in the log.
async function run(folder: string, { call, fault, nth }: Omit<Strike, 'home'>): Promise<Run> {
  const log = join(folder, 'strace.log')
  const script = [process.execPath, '--conditions=@capfence/source', CHILD, folder]
  const injected = `inject=${call}:${FAULTS[fault]}:when=${String(nth)}`
  // The quick way of tracing sends no signals.
  const how = fault === 'KILL' ? [] : ['--seccomp-bpf']
  const args = ['-f', ...how, '-o', log, '-e', `trace=${call}`, '-e', injected, ...script]
  const child = spawn(TRACER, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  const isTold = stdout.endsWith('\n')
  return { log: readFileSync(log, 'utf8'), told: isTold ? (JSON.parse(stdout) as readonly string[]) : ['nothing'] }
}

// The next process goes on, at once.
async function decideIn(home: string): Promise<boolean> {
  const fence = await openCapFence({ policy: POLICY, db: join(home, 'trail.db'), machine: homeIn(home) })
  const { authorized } = await fence.runtime.execute(read())
  await fence.close()
  return authorized
}

interface Found {
  readonly exitCode: number
  /** Marks of tools that ran without a durable decision. */
  readonly undecided: readonly string[]
  readonly integrity: unknown
}

async function found(home: string): Promise<Found> {
  const db = join(home, 'trail.db')
  const fence = await openCapFence({ policy: POLICY, db, machine: homeIn(home) })
  const { exitCode } = await fence.trail.verify()
  const allowed = new Set<unknown>()
  for await (const { body } of fence.trail.records()) {
    const record = decodeBody(body)
    if (record.kind === 'decision' && record.decision === 'allow') allowed.add(record.event.id)
  }
  await fence.close()
  const marks = join(home, 'marks')
  const ran = existsSync(marks) ? readFileSync(marks, 'utf8').trimEnd().split('\n') : []
  const database = new DatabaseSync(db, { readOnly: true })
  const integrity = database.prepare('pragma integrity_check').get()?.['integrity_check']
  database.close()
  return { exitCode, undecided: ran.filter((id) => !allowed.has(id)), integrity }
}
