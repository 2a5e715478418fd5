import type { Files, Links } from '../../kernel/files.ts'
import type { Policy } from '../policy.ts'
import type { PolicyCheck } from './check-start.ts'
import type { PolicyStart } from './load-files.ts'
import { PolicyError } from './policy-error.ts'

/** What a policy is loaded for. */
export interface LoadOptions {
  /**
   * The machine that holds the files that events name, so that links in paths are followed. Left out, paths are read by
   * their text alone, as for tools on another machine.
   */
  readonly links?: Links | undefined
}

/**
 * Loads a policy file and all that it extends, checks it, tries its examples and compiles it.
 * All its mistakes at once are a `PolicyError` (`POLICY_INVALID`); a file that cannot be read is `POLICY_UNREADABLE`.
 */
export async function loadPolicy(path: string, files: Files, options: LoadOptions = {}): Promise<Policy> {
  return required(await check({ path, files, ...options }))
}

/** As `loadPolicy`, but answers what is wrong in place of throwing it; only an unreadable file is thrown. */
export async function checkPolicy(path: string, files: Files, options: LoadOptions = {}): Promise<PolicyCheck> {
  return check({ path, files, ...options })
}

/** Loads a policy from a text; `file` is its name in messages. It cannot extend others. */
export async function parsePolicyText(
  text: string,
  options: LoadOptions & { readonly file?: string } = {},
): Promise<Policy> {
  const { file = 'policy', ...more } = options
  return required(await check({ path: file, text, ...more }))
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
