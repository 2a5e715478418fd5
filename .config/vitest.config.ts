import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Packages resolve to their sources, so no test needs a build first.
const conditions = ['@capfence/source', 'module', 'node', 'development|production']

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  ssr: { resolve: { conditions, externalConditions: ['@capfence/source', 'node', 'module-sync'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts'],
    pool: 'forks',
    // Many tests wait for processes that they start, so no core is left to others.
    maxWorkers: availableParallelism(),
    // Machines that do other things as well are no fault of a test.
    testTimeout: 20_000,
    // Processes that tests start: their sources are stripped of types once, not in each of them.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)) },
    reporters: ['default', fileURLToPath(new URL('plain-summary-reporter.ts', import.meta.url))],
  },
})
