import { asciiLower } from '../action/capability.ts'
import { capabilityPattern } from '../action/pattern.ts'
import type { GrantScope } from '../approval/statement.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { CapFenceError } from '../kernel/errors.ts'
import type { Said } from './sign-statement.ts'

/** A pre-authorization, as its approver asks for it. What is left out may be anything. */
export interface GrantInit {
  readonly actor: string
  /** All three parts, as in `allow`: `github.push.main`; `*` in a part is any run of characters. */
  readonly capability: string
  /** How long it lives, in milliseconds. */
  readonly durationMs: number
  readonly session?: string | undefined
  readonly environment?: string | undefined
  readonly tenant?: string | undefined
  /** Conditions on arguments, as YAML or JSON text in the policy's own `args` syntax. */
  readonly args?: string | undefined
  /** How often it may be used; any number of times until it ends where left out. */
  readonly uses?: number | undefined
}

/** The statement of a grant that begins now. What cannot be granted is `OPTION_INVALID`, or the policy's own errors. */
export async function grantSaid(grant: GrantInit, now: number): Promise<Extract<Said, { kind: 'grant' }>> {
  const { durationMs, uses } = grant
  if (!Number.isSafeInteger(durationMs) || durationMs < 1) {
    throw new CapFenceError('OPTION_INVALID', 'a grant lives for a whole number of milliseconds from 1')
  }
  if (uses !== undefined && (!Number.isSafeInteger(uses) || uses < 1)) {
    throw new CapFenceError('OPTION_INVALID', 'a grant has a whole number of uses from 1')
  }
  return {
    kind: 'grant',
    scope: await scopeOf(grant),
    uses: uses ?? null,
    expires_at: now + durationMs,
  }
}

async function scopeOf(grant: GrantInit): Promise<GrantScope> {
  const { actor, capability, session = null, environment, tenant = null, args } = grant
  return {
    actor,
    capability: capabilityPattern(capability, 'narrow'),
    session,
    // Folded, as an event's environment is.
    environment: environment === undefined ? null : asciiLower(environment),
    tenant,
    args: args === undefined ? null : await argsText(args),
  }
}

async function argsText(args: string): Promise<string> {
  const { grantArgs } = await import('../policy/load/grant-args.ts')
  return canonicalJson(await grantArgs(args))
}
