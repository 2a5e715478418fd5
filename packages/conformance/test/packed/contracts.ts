import { cpSync, existsSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { replaceIn, write } from './clean-folder.ts'
import { ROOT, runWell } from './run.ts'
import { type Packed, entriesOf } from './tarballs.ts'

/** What an adapter must do with the oldest frameworks it takes, in its own tests. */
export interface Contract {
  /** The name of the adapter's folder. */
  readonly adapter: string
  /** Its tests that need nothing newer. */
  readonly tests: readonly string[]
  /** Texts of its tests that stand for what the framework did not have then. */
  readonly lacks: readonly string[]
}

/** The contract of each adapter. */
export const CONTRACTS: readonly Contract[] = [
  { adapter: 'langchain', tests: ['conformance', 'interrupt', 'middleware', 'tools'], lacks: [] },
  { adapter: 'openai-tools', tests: ['openai-conformance', 'agents/agents-conformance'], lacks: [] },
  {
    adapter: 'vercel-ai',
    tests: ['cases', 'guard-tools', 'tool-approval'],
    lacks: ['find: toolSearch({ search: () => [] }),'],
  },
]

/** Runs the tests of an adapter in a clean folder, where its sources are what is installed. */
export async function keepsContract(folder: string, adapter: Packed, contract: Contract): Promise<void> {
  const home = join(folder, 'contract', contract.adapter)
  cpSync(join(ROOT, 'packages', contract.adapter, 'test'), join(home, 'test'), {
    recursive: true,
    filter: (path) => !path.endsWith('tsconfig.json'),
  })
  for (const { specifier, source } of entriesOf(adapter)) write(join(home, source), `export * from '${specifier}'\n`)
  for (const text of contract.lacks) replaceIn(home, text, '')
  linkRunner(folder)
  const runner = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const tests = contract.tests.map((name) => `${contract.adapter}/test/${name}.test.ts`)
  const said = await runWell(folder, process.execPath, runner, 'run', '--root', 'contract', ...tests)
  const ran = `Test Files  ${String(tests.length)} passed (${String(tests.length)})`
  if (!said.includes(ran) || said.includes('skipped')) throw new Error(`not every test ran\n${said}`)
}

function linkRunner(folder: string): void {
  const link = join(folder, 'node_modules/vitest')
  if (!existsSync(link)) symlinkSync(realpathSync(join(ROOT, 'node_modules/vitest')), link, 'junction')
}
