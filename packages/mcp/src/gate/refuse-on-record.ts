import type { ActionRuntime, HostContext, Refusal } from '@capfence/core'

/** A call that may not run whatever the policy says. */
export interface Objection {
  readonly tool: string
  /** For people and models: one line, nothing of the arguments. */
  readonly why: string
  /** Who calls, as far as the host could say. */
  readonly caller: HostContext
}

/** Records that a call was refused before it was judged, and gives the refusal. Never throws. */
export async function refuseOnRecord(
  runtime: ActionRuntime,
  server: string,
  { tool, why, caller }: Objection,
): Promise<Refusal> {
  const { actor, environment } = caller
  // What no policy can allow: blanks are in no capability. So the reason stands in the record.
  const scope = `${tool.slice(0, 80)}: ${why}`
  const verdict = await runtime.execute({
    actor,
    environment,
    risk: 'medium',
    resource: 'mcp',
    action: server,
    scope,
    tool,
  })
  const { eventId, record } = verdict
  return {
    decision: 'deny',
    authorized: false,
    eventId,
    record,
    reason: { code: 'invalid_event', rule: null, message: why },
  }
}
