import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'

/** What makes a framework's tool call one call and no other. `run` is the host's stable run or thread id. */
export interface CallIdentity {
  readonly adapter: string
  readonly actor: string
  readonly tenant?: string | undefined
  readonly session?: string | undefined
  readonly run: string
  readonly callId: string
}

/**
 * The id of a call: hex SHA-256 over the RFC 8785 form of `[adapter, actor, tenant, session, run, callId]`, absent
 * parts as null. Two conversations that both say `call_0` do not meet.
 */
export function callId(call: CallIdentity): string {
  const parts = [call.adapter, call.actor, call.tenant ?? null, call.session ?? null, call.run, call.callId]
  return sha256Hex(canonicalJson(parts))
}
