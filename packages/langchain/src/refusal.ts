import { type Refusal, refusalText } from '@capfence/core/adapter'
import { ToolMessage } from '@langchain/core/messages'

/** A call that was refused. */
export interface RefusedCall {
  readonly tool: string
  readonly callId: string | undefined
  readonly verdict: Refusal
}

/**
 * What the model reads in place of a result: an error that it can recover from. The verdict goes along as
 * `artifact.capfence`, which the model does not see.
 */
export function refusalMessage(
  { tool, callId, verdict }: RefusedCall,
  content: string = refusalText(verdict),
): ToolMessage {
  return new ToolMessage({
    content,
    tool_call_id: callId ?? '',
    name: tool,
    status: 'error',
    artifact: { capfence: verdict },
  })
}
