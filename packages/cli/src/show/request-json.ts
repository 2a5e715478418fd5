import type { ShownRequest } from '@capfence/core'
import { doubts } from './doubts.ts'
import { textsIn } from './texts.ts'

/** A request as a program reads it, under the names that records use. */
export function requestJson({ request, event, plan, facts, message }: ShownRequest): object {
  const { id, createdAt, expiresAt, terms, approvals, revoked } = request
  const standing = approvals.filter(({ statement }) => !revoked.includes(statement.id))
  return {
    id,
    capability: event.capability,
    actor: event.actor,
    actor_chain: event.actorChain ?? null,
    caller_depth: event.callerDepth ?? null,
    session: event.session ?? null,
    environment: event.environment,
    tenant: event.tenant ?? null,
    user_role: event.userRole ?? null,
    risk: event.risk,
    tool: event.tool ?? null,
    args: event.args,
    plan: plan ?? null,
    facts: facts ?? null,
    message,
    rules: terms,
    created_at: createdAt,
    expires_at: expiresAt,
    signatures: standing.map(({ statement }) => statement.approver),
    warnings: doubts([...textsIn('args', event.args), ...(plan === undefined ? [] : textsIn('plan', { ...plan }))]),
  }
}
