import type { AdapterMutant } from './adapter-mutant.ts'
import { callMutants } from './call-mutants.ts'
import { verdictMutants } from './verdict-mutants.ts'
import { wrapMutants } from './wrap-mutants.ts'

/** Wrong adapters. Each must fail the cases it names, or those cases prove nothing. */
export const adapterMutants: readonly AdapterMutant[] = [...verdictMutants, ...callMutants, ...wrapMutants]
