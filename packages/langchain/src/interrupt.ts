import { createHash } from 'node:crypto'
import { type PendingApproval, type Refusal, refusalText } from '@capfence/core/adapter'
import { isPause } from './pauses.ts'

/** A verdict that asks a human. */
export type Question = Extract<Refusal, { decision: 'require_approval' }>

/** What a paused run shows, in the shape of LangChain's own `HITLRequest`, with what our approvers go by. */
export interface ApprovalInterrupt {
  readonly actionRequests: readonly {
    readonly name: string
    readonly args: unknown
    readonly description: string
  }[]
  readonly reviewConfigs: readonly { readonly actionName: string; readonly allowedDecisions: readonly string[] }[]
  readonly capfence: PendingApproval & {
    /** SHA-256, in hex, over the JSON of `[requestId, name, args]`: the request's id is its salt. */
    readonly digest: string
  }
}

/**
 * Pauses the LangGraph run with the question. Returns once it was resumed, with whatever, and where nothing can be
 * paused: outside of a graph, without a checkpointer. Neither says that anybody approved.
 */
export async function pauseToAsk(tool: string, args: unknown, question: Question): Promise<void> {
  const interrupt = await langGraphInterrupt()
  try {
    interrupt?.(approvalInterrupt(tool, args, question))
  } catch (cause) {
    if (isPause(cause)) throw cause
    // Nothing could be paused, so the model is told that the action waits.
  }
}

function approvalInterrupt(name: string, args: unknown, question: Question): ApprovalInterrupt {
  const { requestId, expiresAt } = question.approval
  const digest = createHash('sha256')
    .update(JSON.stringify([requestId, name, args]))
    .digest('hex')
  return {
    actionRequests: [{ name, args, description: refusalText(question) }],
    reviewConfigs: [{ actionName: name, allowedDecisions: ['approve', 'reject'] }],
    capfence: { requestId, expiresAt, digest },
  }
}

// Loaded when it is first needed: who uses LangChain without LangGraph has none.
async function langGraphInterrupt(): Promise<((value: unknown) => unknown) | undefined> {
  try {
    const { interrupt } = await import('@langchain/langgraph')
    return interrupt
  } catch {
    return undefined // not installed, so there is no graph to pause
  }
}
