import type { Json } from '../../kernel/json.ts'
import type { PolicyFinding } from '../policy.ts'
import { PolicyError } from './policy-error.ts'

/**
 * Reads conditions on arguments, as a policy's `args` has them, for a grant: `{ "repo": "a/b", "amount": { "lte": 500 } }`.
 * Answers the form that `Policy.argsHold` takes. All mistakes at once are a `PolicyError` (`POLICY_INVALID`).
 */
export async function grantArgs(text: string): Promise<Json> {
  const { parseArgs } = await import('./parse-args.ts')
  const errors: PolicyFinding[] = []
  const conditions = parseArgs(text, errors)
  if (conditions === undefined || errors.length > 0) throw new PolicyError(errors)
  return conditions
}
