// What the stdio proxy adds to a call, beside a proxy that only pipes and beside the cost of `runtime.run` alone; and
// whether it keeps memory. `node --conditions=@capfence/source packages/mcp/bench/main.ts [CALLS]`
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { MemoryEngine } from '@capfence/core/memory'
import { benchRuntime, echoEvent } from './gate.ts'

const CALLS = Number(process.argv[2] ?? 10_000)
const ROUND = 250
const WARM_UP = 500

const at = (name: string): string => join(import.meta.dirname, name)
const node = [process.execPath, ...process.execArgv]
const server = [...node, at('echo-server.ts')]

interface Line {
  readonly call: () => Promise<number>
  readonly rssMegabytes: () => number
  readonly end: () => Promise<void>
}

function start(command: readonly string[], env: Readonly<Record<string, string>> = {}): Line {
  const [program = '', ...args] = command
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  let answered: (() => void) | undefined
  createInterface({ input: child.stdout }).on('line', () => answered?.())
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let id = 0
  return {
    call: async () => {
      id += 1
      const params = { name: 'echo', arguments: { text: 'hello', number: id } }
      const began = performance.now()
      const done = new Promise<void>((resolve) => {
        answered = resolve
      })
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })}\n`)
      await done
      return performance.now() - began
    },
    rssMegabytes: () => {
      const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8')) ?? []
      return Math.round(Number(kilobytes) / 1024)
    },
    end: async () => {
      child.stdin.end()
      await ended
    },
  }
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length * part)] ?? Number.NaN
}

async function times(count: number, once: () => Promise<number>): Promise<number[]> {
  const measured: number[] = []
  for (let index = 0; index < count; index += 1) measured.push(await once())
  return measured
}

async function runOnce(): Promise<() => Promise<number>> {
  const runtime = await benchRuntime(new MemoryEngine())
  let number = 0
  return async () => {
    number += 1
    const event = echoEvent(runtime, number)
    const began = performance.now()
    await runtime.run(event, async () => await Promise.resolve('done'))
    return performance.now() - began
  }
}

const lines = {
  bare: start(server),
  pipes: start([...node, at('pipe-proxy.ts'), ...server]),
  run: start([...node, at('run-proxy.ts'), ...server]),
  gate: start([...node, at('gate-proxy.ts'), ...server]),
}
const ways = {
  bare: lines.bare.call,
  pipes: lines.pipes.call,
  // `runtime.run` in a proxy, where a process sleeps between any two steps, and again and again in one that never does.
  run: lines.run.call,
  gate: lines.gate.call,
  hot: await runOnce(),
}
const measured: Record<keyof typeof ways, number[]> = { bare: [], pipes: [], run: [], gate: [], hot: [] }
const names = Object.keys(ways) as (keyof typeof ways)[] // our own keys
for (const name of names) await times(WARM_UP, ways[name])
// In turns, so that whatever else the machine does is shared.
for (let done = 0; done < CALLS; done += ROUND) {
  for (const name of names) measured[name].push(...(await times(ROUND, ways[name])))
}
// On a machine that does other things as well, the quickest tenth says more than the middle.
for (const [label, part] of [
  ['median', 0.5],
  ['quickest tenth', 0.1],
] as const) {
  const of = (name: keyof typeof ways): number => quantile(measured[name], part)
  const [bare, pipes, run, gate] = [of('bare'), of('pipes'), of('run'), of('gate')]
  const shown = names.map((name) => `${name} ${of(name).toFixed(3)}`).join(', ')
  const most = (1.5 * (pipes - bare) + run - pipes).toFixed(3)
  console.log(`${label}, ms: ${shown}`)
  console.log(
    `  added by pipes ${(pipes - bare).toFixed(3)}, by \`runtime.run\` in it ${(run - pipes).toFixed(3)}, by the gate ${(gate - bare).toFixed(3)}, wanted at most ${most}`,
  )
}
await Promise.all(Object.values(lines).map((line) => line.end()))

// Memory, over SQLite: an engine in memory keeps its trail there.
const folder = mkdtempSync(join(tmpdir(), 'capfence-bench-'))
const kept = start([...node, at('gate-proxy.ts'), ...server], { BENCH_DB: join(folder, 'trail.db') })
const sizes: number[] = []
for (let part = 0; part < 10; part += 1) {
  await times(CALLS / 10, kept.call)
  sizes.push(kept.rssMegabytes())
}
await kept.end()
rmSync(folder, { recursive: true, force: true })
console.log(`RSS in MiB, each ${String(CALLS / 10)} calls: ${sizes.join(' ')}`)
