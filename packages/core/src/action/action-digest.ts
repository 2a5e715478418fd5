import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { ActionEvent } from './action-event.ts'
import { capabilityParts } from './capability.ts'

/** An event's context under the names that traces, records and digests use; absent fields are left out. */
export function eventContext(event: ActionEvent): JsonObject {
  const fields: Record<string, Json | undefined> = {
    actor: event.actor,
    action: event.action,
    resource: event.resource,
    scope: event.scope,
    environment: event.environment,
    risk: event.risk,
    session: event.session,
    tenant: event.tenant,
    user_role: event.userRole,
    caller_depth: event.callerDepth,
    actor_chain: event.actorChain,
    tool: event.tool,
  }
  const present: Record<string, Json> = {}
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) present[key] = value
  return present
}

/**
 * The digest of an action: SHA-256, in hex, over the RFC 8785 form of every present field but `id` and `at`, the
 * capability in its normalised parts, and the plan (null where no analyser made one). Two calls with one digest do
 * the same thing in the same context.
 */
export function actionDigest(event: ActionEvent, plan: Json = null): string {
  const { resource, action, scope } = capabilityParts(event.capability)
  const capability = { resource, action, scope }
  return sha256Hex(canonicalJson({ ...eventContext(event), v: 1, args: event.args, capability, plan }))
}
