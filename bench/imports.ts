import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { median, table } from '../packages/core/bench/median.ts'
import { langChainImports } from '../packages/langchain/bench/tool-calls.ts'
import { openAIImports } from '../packages/openai-tools/bench/tool-calls.ts'
import { vercelImports } from '../packages/vercel-ai/bench/tool-calls.ts'
import type { Imports } from './tool-calls.ts'

const RUNS = 15
const BUILT = new URL('../packages/openai-tools/dist/index.js', import.meta.url)

/** What an adapter's import adds to that of its framework, and the core's to both; all as built, nothing cached. */
export function benchImports(): void {
  if (!existsSync(BUILT)) throw new Error('there is no build; run `pnpm build` first')
  const all = [...langChainImports, ...vercelImports, ...openAIImports]
  const times = all.map((): (readonly number[])[] => [])
  for (let run = 0; run < RUNS; run++) all.forEach((one, index) => times[index]?.push(timed(one)))
  const row = ({ name }: Imports, index: number): readonly string[] => [
    name,
    ...[0, 1, 2].map((step) => median((times[index] ?? []).map((found) => found[step] ?? Number.NaN)).toFixed(1)),
  ]
  table(`Imports one after the other (ms; median of ${String(RUNS)} processes)`, [
    ['', 'framework', '+ adapter', '+ @capfence/core'],
    ...all.map(row),
  ])
}

// In one process, so that each pair of figures is of the same moment.
function timed({ framework, adapter, from }: Imports): readonly number[] {
  const steps = [framework, [adapter], ['@capfence/core']]
  const script = `const times = []
for (const step of ${JSON.stringify(steps)}) {
  const startedAt = performance.now()
  for (const name of step) await import(name)
  times.push(performance.now() - startedAt)
}
console.log(JSON.stringify(times))`
  const { NODE_OPTIONS: _options, NODE_COMPILE_CACHE: _cache, ...env } = process.env
  const told = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('.', from)),
    encoding: 'utf8',
    env,
  })
  return JSON.parse(told) as readonly number[]
}

if (import.meta.main) benchImports()
