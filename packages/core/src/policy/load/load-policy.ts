import type { Files } from '../../kernel/files.ts'
import type { Policy } from '../policy.ts'
import type { PolicyCheck } from './check-start.ts'
import type { PolicyStart } from './load-files.ts'
import { PolicyError } from './policy-error.ts'

/**
 * Loads a policy file and all that it extends, checks it, tries its examples and compiles it.
 * All its mistakes at once are a `PolicyError` (`POLICY_INVALID`); a file that cannot be read is `POLICY_UNREADABLE`.
 */
export async function loadPolicy(path: string, files: Files): Promise<Policy> {
  return required(await check({ path, files }))
}

/** As `loadPolicy`, but answers what is wrong in place of throwing it; only an unreadable file is thrown. */
export async function checkPolicy(path: string, files: Files): Promise<PolicyCheck> {
  return check({ path, files })
}

/** Loads a policy from a text; `file` is its name in messages. It cannot extend others. */
export async function parsePolicyText(text: string, options: { readonly file?: string } = {}): Promise<Policy> {
  return required(await check({ path: options.file ?? 'policy', text }))
}

// The parser, the schema and the compiler cost more to import than all else: only who loads a policy pays for them.
async function check(start: PolicyStart): Promise<PolicyCheck> {
  const { checkStart } = await import('./check-start.ts')
  return checkStart(start)
}

function required({ policy, errors }: PolicyCheck): Policy {
  if (policy === undefined) throw new PolicyError(errors)
  return policy
}
