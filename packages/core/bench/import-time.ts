import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { median, table } from './median.ts'

const BUILT = new URL('../dist/index.js', import.meta.url)
const RUNS = 15

/** What `import '@capfence/core'` adds to the start of a process, as built. */
export function benchImport(): void {
  if (!existsSync(BUILT)) throw new Error('there is no build; run `pnpm build` first')
  const timed = `const t = performance.now(); await import(${JSON.stringify(BUILT.href)}); console.log(performance.now() - t)`
  const times = Array.from({ length: RUNS }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', timed], { encoding: 'utf8' })),
  )
  table(`import of @capfence/core (median of ${String(RUNS)} processes)`, [['ms'], [median(times).toFixed(1)]])
}
