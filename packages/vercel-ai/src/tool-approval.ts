import {
  type ActionRuntime,
  type ApprovalEngine,
  type GuardedCall,
  guardedEvent,
  isCapFenceError,
} from '@capfence/core/adapter'
import { guardedCallOf } from './guarded-execute.ts'
import type { ToolRequest } from './host-options.ts'

/** A call as the SDK asks about it, before it executes it. */
export interface ApprovalQuestion {
  readonly toolCall: { readonly toolName: string; readonly toolCallId: string; readonly input: unknown }
  readonly tools: object | undefined
  readonly toolsContext?: unknown
  readonly messages: readonly unknown[]
}

/** What the SDK takes for an answer. */
export type ApprovalStatus =
  | 'not-applicable'
  | { readonly type: 'denied'; readonly reason: string }
  | { readonly type: 'user-approval'; readonly reason: string }

/** How users are shown what waits. */
export interface ToolApprovalOptions {
  /** Asks the core at once, so that the user is shown the request that a person can approve there. */
  readonly approvals?: ApprovalEngine | undefined
}

/**
 * For `toolApproval` of `ai` 7: shows a user what the gate would say, before the call. It decides nothing: whatever a
 * client answers, the guarded tool is judged when it is called, and runs on an approval in the core only.
 */
export function toolApproval(
  runtime: ActionRuntime,
  { approvals }: ToolApprovalOptions = {},
): (question: ApprovalQuestion) => Promise<ApprovalStatus> {
  return async ({ toolCall, tools, toolsContext, messages }) => {
    const { toolName, toolCallId, input } = toolCall
    const execute = executeOf(own(tools, toolName))
    if (execute === undefined) return 'not-applicable' // no code of this process would run it
    const request: ToolRequest = { toolCallId, messages, context: own(toolsContext, toolName) }
    const call = guardedCallOf(execute)?.(input, request)
    if (call === undefined) return { type: 'denied', reason: 'blocked by CapFence: this tool is not guarded' }
    return status(runtime, call, approvals)
  }
}

async function status(
  runtime: ActionRuntime,
  call: GuardedCall,
  approvals: ApprovalEngine | undefined,
): Promise<ApprovalStatus> {
  // Without the call's id: the question is about the action, also where it is asked again.
  const event = guardedEvent(runtime, { ...call, callId: undefined })
  const { decision, message } = await runtime.preview(event)
  switch (decision) {
    case 'allow':
      return 'not-applicable'
    case 'deny':
      return { type: 'denied', reason: message }
    case 'require_approval':
      return approvals === undefined
        ? { type: 'user-approval', reason: message }
        : asked(message, approvals.request(event))
    default:
      return decision satisfies never
  }
}

async function asked(message: string, request: ReturnType<ApprovalEngine['request']>): Promise<ApprovalStatus> {
  try {
    return { type: 'user-approval', reason: `${message} (request ${(await request).requestId})` }
  } catch (cause) {
    const why = isCapFenceError(cause) ? cause.message : 'the request could not be made'
    return { type: 'denied', reason: `blocked by CapFence: ${why}` }
  }
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

function executeOf(tool: unknown): unknown {
  const execute: unknown = typeof tool === 'object' && tool !== null ? Reflect.get(tool, 'execute') : undefined
  return typeof execute === 'function' ? execute : undefined
}
