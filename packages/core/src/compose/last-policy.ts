import { capabilityPattern } from '../action/pattern.ts'
import { decodeBody } from '../audit/decode-body.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { CapFenceError, isCapFenceError } from '../kernel/errors.ts'
import { type ArchivedPolicy, archivedPolicy } from '../policy/archived-policy.ts'
import type { BaseDBEngine } from '../runtime/base-db-engine.ts'
import { policyKey } from '../runtime/state-keys.ts'

const PAGE = 256

/**
 * The policy that decided last, from the archive beside the trail; undefined where nothing was decided yet. An archive
 * that is missing or is not what the record names is `POLICY_MISSING`.
 */
export async function lastPolicy(engine: BaseDBEngine, chain = 'main'): Promise<ArchivedPolicy | undefined> {
  const digest = await lastDigest(engine, chain)
  if (digest === undefined) return undefined
  const { state } = await engine.read({ keys: [policyKey(digest)] })
  const canonical = state.get(policyKey(digest))?.value
  const policy = canonical !== undefined && sha256Hex(canonical) === digest ? archivedPolicy(canonical) : undefined
  if (policy !== undefined) return policy
  throw new CapFenceError(
    'POLICY_MISSING',
    `the policy \`${digest.slice(0, 12)}…\` that decided last is not kept as it was; let the agent decide once more, then try again`,
  )
}

/**
 * What to tell of a grant over a pattern that could satisfy no rule of the policy that decided last. The grant is handed
 * in by then, so a policy that is not kept is no error here.
 */
export async function grantNote(engine: BaseDBEngine, pattern: string): Promise<string | undefined> {
  let policy: ArchivedPolicy | undefined
  try {
    policy = await lastPolicy(engine)
  } catch (cause) {
    if (isCapFenceError(cause) && cause.code === 'POLICY_MISSING') return cause.message
    throw cause
  }
  if (policy === undefined || policy.couldSatisfy(capabilityPattern(pattern, 'narrow'))) return undefined
  return `no \`require_approval\` rule of the policy that decided last covers \`${pattern}\`, so the grant changes nothing under it: a grant satisfies such rules only, never a deny or the default`
}

async function lastDigest(engine: BaseDBEngine, chain: string): Promise<string | undefined> {
  const { head } = await engine.read({ chain, keys: [] })
  for (let end = head?.head.size ?? 0; end > 0; end -= PAGE) {
    const from = Math.max(0, end - PAGE)
    const rows = await engine.records({ chain, from, limit: end - from })
    for (const row of rows.toReversed()) {
      const body = decodeBody(row.body)
      if (body.kind === 'decision' && body.policy !== null) return body.policy
    }
  }
  return undefined
}
