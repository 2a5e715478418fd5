import { createHash } from 'node:crypto'
import type { FunctionTool } from '@openai/agents'

/**
 * The id of a call. An agent as tool that was interrupted is called again to go on from its state: that leg is a call
 * of its own, judged anew, and the same leg again is the same call.
 */
export function resumedCallId(details: Parameters<FunctionTool['invoke']>[2]): string | undefined {
  const id = details?.toolCall?.callId
  const state = details?.resumeState
  if (id === undefined || state === undefined) return id
  return `${id}:${createHash('sha256').update(state).digest('hex')}`
}
