import type { AdapterCase } from './adapter-case.ts'
import { approvalCases } from './approval-cases.ts'
import { callCases } from './call-cases.ts'
import { faultCases } from './fault-cases.ts'
import { verdictCases } from './verdict-cases.ts'
import { wrapCases } from './wrap-cases.ts'

/** Every promise of an adapter, one case each, to be kept with the real framework. */
export const adapterCases: readonly AdapterCase[] = [
  ...verdictCases,
  ...approvalCases,
  ...faultCases,
  ...callCases,
  ...wrapCases,
]
