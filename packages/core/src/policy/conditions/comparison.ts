import { type Answers, boundTest, type Decimal, decimal } from '../../facts/decimal.ts'
import { CapFenceError } from '../../kernel/errors.ts'
import type { Comparison, DecimalText } from '../model.ts'
import { FALSE, TRUE, type TruthValue } from '../truth.ts'

const ANSWERS: { readonly [Op in Comparison | 'eq']: Answers<TruthValue> } = {
  gt: { less: FALSE, same: FALSE, more: TRUE },
  gte: { less: FALSE, same: TRUE, more: TRUE },
  lt: { less: TRUE, same: FALSE, more: FALSE },
  lte: { less: TRUE, same: TRUE, more: FALSE },
  eq: { less: FALSE, same: TRUE, more: FALSE },
}

/** Whether a value is greater than a bound of the policy, less, or equal; exactly. */
export function comparison(op: Comparison | 'eq', bound: DecimalText): (value: number | Decimal) => TruthValue {
  const exact = decimal(bound)
  // The loader has checked it; a model that was made otherwise must not become a rule without a bound.
  if (exact === undefined) throw new CapFenceError('POLICY_INVALID', `\`${bound}\` is not a plain decimal`)
  return boundTest(exact, ANSWERS[op])
}
