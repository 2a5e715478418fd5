import { type ActionRuntime, type HostOptions, guardedEvent, hostCall } from '@capfence/core/adapter'
import type { RunContext } from '@openai/agents'
import { runOfContext } from './run-of-context.ts'

/** What the Agents SDK hands to `needsApproval` beside the arguments. */
export interface ApprovalRequest {
  readonly runContext: RunContext
  readonly callId: string | undefined
}

/**
 * `needsApproval` for a tool, as a preview: true where the policy would ask a person for this very call, so that the SDK
 * interrupts the run and the host can show it. It records nothing and authorizes nothing; what is approved in the SDK
 * still waits for the approval of the runtime.
 */
export function needsApproval(
  runtime: ActionRuntime,
  tool: string,
  options: HostOptions<ApprovalRequest>,
): (runContext: RunContext, args: unknown, callId?: string) => Promise<boolean> {
  return async (runContext, args, callId) => {
    const call = hostCall(options, {
      adapter: 'openai-agents',
      tool,
      args,
      request: { runContext, callId },
      run: runOfContext(runContext),
      callId,
    })
    const { decision } = await runtime.preview(guardedEvent(runtime, call))
    return decision === 'require_approval'
  }
}
