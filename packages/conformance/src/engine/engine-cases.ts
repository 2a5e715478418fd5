import { commitCases } from './commit-cases.ts'
import { concurrencyCases } from './concurrency-cases.ts'
import type { EngineCase } from './engine-case.ts'
import { fidelityCases } from './fidelity-cases.ts'
import { lifeCases } from './life-cases.ts'
import { readingCases } from './reading-cases.ts'
import { runtimeCases } from './runtime-cases.ts'
import { spendingCases } from './spending-cases.ts'

/** Every promise of `BaseDBEngine`, one case each. An engine that keeps them all can carry the runtime. */
export const engineCases: readonly EngineCase[] = [
  ...commitCases,
  ...fidelityCases,
  ...readingCases,
  ...lifeCases,
  ...concurrencyCases,
  ...spendingCases,
  ...runtimeCases,
]
