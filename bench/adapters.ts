import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ActionRuntime, guard, openCapFence } from '@capfence/core'
import { MemoryEngine } from '@capfence/core/memory'
import { median, table } from '../packages/core/bench/median.ts'
import { langChainCalls } from '../packages/langchain/bench/tool-calls.ts'
import { openAICalls } from '../packages/openai-tools/bench/tool-calls.ts'
import { vercelCalls } from '../packages/vercel-ai/bench/tool-calls.ts'
import { ARGS, HOST, type ToolCalls, callIds } from './tool-calls.ts'

const POLICY = `version: 1
tools: { read: { capability: filesystem.read.workspace } }
allow: [filesystem.read.workspace]
`

/** How calls are made: one after the other, or many at once. */
interface Load {
  readonly inFlight: number
  /** So few that whatever slows the machine slows the calls before and after as well. */
  readonly calls: number
}

const LOADS: readonly Load[] = [
  { inFlight: 1, calls: 32 },
  { inFlight: 256, calls: 512 },
]
const GATES = 12
const WARM_UP_GATES = 2
const ROUNDS_A_GATE = 10

/** Microseconds a call. */
interface Cost {
  readonly wall: number
  readonly cpu: number
}

/** One round of one subject: its guarded calls between two goes of calls whose tool calls `runtime.run` itself. */
interface Round {
  readonly direct: Cost
  readonly guarded: Cost
}

/** What an adapter costs a call, beside a tool of the same framework that calls `runtime.run` itself. */
export async function benchAdapters(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  // Keys and heads of its own: a benchmark leaves nothing in the user's folders.
  Object.assign(process.env, { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder })
  const policy = join(folder, 'adapters.yaml')
  writeFileSync(policy, POLICY)
  for (const load of LOADS) print(load, await roundsOf(policy, load))
  rmSync(folder, { recursive: true })
}

async function roundsOf(policy: string, load: Load): Promise<ReadonlyMap<string, readonly Round[]>> {
  const rounds = new Map<string, Round[]>()
  for (let gate = -WARM_UP_GATES; gate < GATES; gate++) {
    const fence = await openCapFence({ policy, db: new MemoryEngine(), deadlineMs: 120_000 })
    const subjects = subjectsOf(fence.runtime)
    for (let round = 0; round < ROUNDS_A_GATE; round++) {
      for (const subject of subjects) {
        const measured = await roundOf(subject, load)
        if (gate >= 0) rounds.set(subject.name, [...(rounds.get(subject.name) ?? []), measured])
      }
    }
    await fence.close()
  }
  return rounds
}

function subjectsOf(runtime: ActionRuntime): readonly ToolCalls[] {
  const action = { ...HOST, action: 'read', resource: 'filesystem.workspace', tool: 'read' }
  const run = (): Promise<string> => runtime.run({ ...action, args: { ...ARGS } }, () => 'done')
  const gate = { runtime, run }
  const nextId = callIds()
  const call = { ...HOST, adapter: 'bench', tool: 'read', run: 'run-1' }
  const guarded = (): unknown => guard(runtime, { ...call, args: { ...ARGS }, callId: nextId() }, () => 'done')
  return [
    { name: '`guard`', direct: run, guarded },
    ...langChainCalls(gate),
    ...vercelCalls(gate),
    ...openAICalls(gate),
  ]
}

async function roundOf({ direct, guarded }: ToolCalls, load: Load): Promise<Round> {
  const before = await costOf(direct, load)
  const cost = await costOf(guarded, load)
  const after = await costOf(direct, load)
  return {
    direct: { wall: (before.wall + after.wall) / 2, cpu: (before.cpu + after.cpu) / 2 },
    guarded: cost,
  }
}

async function costOf(call: () => unknown, { inFlight, calls }: Load): Promise<Cost> {
  let left = calls
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  // What the last calls left behind is not for these to do.
  await new Promise((resolve) => setImmediate(resolve))
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: inFlight }, caller))
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wall: (wallMs * 1_000) / calls, cpu: (user + system) / calls }
}

function print({ inFlight }: Load, rounds: ReadonlyMap<string, readonly Round[]>): void {
  const title = `A call of a no-op tool, ${String(inFlight)} in flight (µs; median of ${String(GATES * ROUNDS_A_GATE)} rounds)`
  const rows = [...rounds].map(([name, found]) => {
    const of = (pick: (round: Round) => number): string => median(found.map(pick)).toFixed(1)
    return [
      name,
      of(({ direct }) => direct.wall),
      of(({ guarded }) => guarded.wall),
      of(({ direct, guarded: through }) => through.wall - direct.wall),
      of(({ direct, guarded: through }) => through.cpu - direct.cpu),
    ]
  })
  table(title, [['', '`runtime.run`', 'guarded', 'added', 'added CPU'], ...rows])
}

if (import.meta.main) await benchAdapters()
