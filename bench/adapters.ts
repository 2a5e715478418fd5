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
const ROUNDS = Number(process.env['ROUNDS'] ?? 40)
const IN_FLIGHT = [1, 256]
const GUARDED_CALLS = { 1: 128, 256: 1024 }
const ALONE_CALLS = 2048

/** Microseconds a call. */
interface Cost {
  readonly wall: number
  readonly cpu: number
}

/** What an adapter costs a call, beside what `runtime.run` costs anyway. */
export async function benchAdapters(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
  // Keys and heads of its own: a benchmark leaves nothing in the user's folders.
  Object.assign(process.env, { XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder })
  const policy = join(folder, 'adapters.yaml')
  writeFileSync(policy, POLICY)
  await warmUp(policy)
  for (const inFlight of IN_FLIGHT) {
    const rounds: (readonly Measured[])[] = []
    for (let round = -2; round < ROUNDS; round++) {
      const fence = await openCapFence({ policy, db: new MemoryEngine(), deadlineMs: 120_000 })
      const measured = await roundOf(subjectsOf(fence.runtime), { inFlight, turn: round + 2 })
      if (round >= 0) rounds.push(measured)
      await fence.close()
    }
    shown(inFlight, rounds)
  }
  rmSync(folder, { recursive: true })
}

// Before anything is measured all of it has run often enough to be compiled.
async function warmUp(policy: string): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const fence = await openCapFence({ policy, db: new MemoryEngine(), deadlineMs: 120_000 })
    for (const { alone, guarded } of subjectsOf(fence.runtime)) {
      await costOf(alone, { calls: ALONE_CALLS, inFlight: 1 })
      await costOf(guarded, { calls: 512, inFlight: 1 })
      await costOf(guarded, { calls: 2048, inFlight: 256 })
    }
    await fence.close()
  }
}

/** Those that the others are compared with, first. */
export function subjectsOf(runtime: ActionRuntime): readonly ToolCalls[] {
  const nextId = callIds()
  const action = { ...HOST, action: 'read', resource: 'filesystem.workspace', tool: 'read' }
  const none = (): undefined => undefined
  return [
    { name: '`runtime.run`', alone: none, guarded: () => runtime.run({ ...action, args: { ...ARGS } }, () => 'done') },
    {
      name: '`guard`',
      alone: none,
      guarded: () =>
        guard(
          runtime,
          { ...HOST, adapter: 'bench', tool: 'read', args: { ...ARGS }, run: 'run-1', callId: nextId() },
          () => 'done',
        ),
    },
    ...langChainCalls(runtime),
    ...vercelCalls(runtime),
    ...openAICalls(runtime),
  ]
}

interface Measured {
  readonly name: string
  readonly alone: Cost
  readonly guarded: Cost
}

/** Takes the subjects in turn, from another one each time, so that whatever slows the machine slows all of them. */
async function roundOf(
  subjects: readonly ToolCalls[],
  { inFlight, turn }: { readonly inFlight: number; readonly turn: number },
): Promise<readonly Measured[]> {
  const measured = new Map<string, Measured>()
  const first = turn % subjects.length
  for (const { name, alone, guarded } of [...subjects.slice(first), ...subjects.slice(0, first)]) {
    const calls = inFlight === 1 ? GUARDED_CALLS[1] : GUARDED_CALLS[256]
    measured.set(name, {
      name,
      alone: await costOf(alone, { calls: ALONE_CALLS, inFlight }),
      guarded: await costOf(guarded, { calls, inFlight }),
    })
  }
  return subjects.flatMap(({ name }) => measured.get(name) ?? [])
}

async function costOf(
  call: () => unknown,
  { calls, inFlight }: { readonly calls: number; readonly inFlight: number },
): Promise<Cost> {
  let left = calls
  const caller = async (): Promise<void> => {
    while (left-- > 0) await call()
  }
  globalThis.gc?.()
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: inFlight }, caller))
  const wallMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(cpuBefore)
  return { wall: (wallMs * 1_000) / calls, cpu: (user + system) / calls }
}

function shown(inFlight: number, rounds: readonly (readonly Measured[])[]): void {
  const names = rounds[0]?.map(({ name }) => name) ?? []
  const row = (name: string, index: number): readonly string[] => {
    const of = (pick: (one: Measured, run: Measured) => number): string =>
      median(rounds.map((round) => pick(at(round, index), at(round, 0)))).toFixed(1)
    const added = (unit: keyof Cost): string =>
      of((one, run) => one.guarded[unit] - one.alone[unit] - run.guarded[unit] + run.alone[unit])
    return [
      name,
      of(({ alone }) => alone.wall),
      of(({ guarded }) => guarded.wall),
      added('wall'),
      of(({ guarded }) => guarded.cpu),
      added('cpu'),
    ]
  }
  table(`A call of a no-op tool, ${String(inFlight)} in flight (µs; median of ${String(ROUNDS)} rounds)`, [
    ['', 'alone', 'guarded', 'added', 'CPU', 'added'],
    ...names.map(row),
  ])
}

function at(round: readonly Measured[], index: number): Measured {
  const found = round[index]
  if (found === undefined) throw new Error('a subject was not measured')
  return found
}

if (import.meta.main) await benchAdapters()
