import type { Reporter, TestModule } from 'vitest/node'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Ends a run with `N passed, N failed, N skipped`, alone on its line, for scripts that read the output. */
export default class PlainSummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { passed, failed, skipped } = count(modules, unhandledErrors.length)
    // Other reporters may still print after this hook, so wait for the very end.
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`))
  }
}

function count(modules: readonly TestModule[], unhandledErrors: number): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    const before = counts.failed
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      counts[state === 'pending' ? 'skipped' : state] += 1
    }
    // A file that breaks while it loads, or in a hook, has no failed test of its own.
    if (module.state() === 'failed' && counts.failed === before) counts.failed += 1
  }
  return counts
}
