import type { EngineMutant } from './engine-mutant.ts'
import { readingMutants } from './reading-mutants.ts'
import { spendingMutants } from './spending-mutants.ts'
import { writingMutants } from './writing-mutants.ts'

/** Wrong engines. Each must fail the case it names, or that case proves nothing. */
export const engineMutants: readonly EngineMutant[] = [...writingMutants, ...readingMutants, ...spendingMutants]
