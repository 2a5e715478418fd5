import { type ActionRuntime, type HostOptions, guardedEvent, hostCall } from '@capfence/core/adapter'
import type { ResponseOutputItem } from 'openai/resources/responses/responses'
import { argsOrText } from './strict-json.ts'

/** OpenAI's question whether it may call a tool of a remote MCP server. */
export type McpQuestion = Readonly<ResponseOutputItem.McpApprovalRequest>

/**
 * Answers OpenAI's questions before it calls a remote MCP server: true only where the runtime allows that very call, as
 * recorded. OpenAI runs it, so the record says that the caller does, and no outcome is known here. Each question is
 * good for one answer. For `ResponsesToolRunner`'s `approveMcp`, or for an `mcp_approval_response` of your own.
 */
export function approveMcp(
  runtime: ActionRuntime,
  options: HostOptions<McpQuestion>,
): (question: McpQuestion) => Promise<boolean> {
  return async (question) => {
    const call = hostCall(options, {
      adapter: 'openai-tools',
      server: question.server_label,
      tool: question.name,
      args: argsOrText(question.arguments),
      request: question,
      // OpenAI's own ids are unique, so that a question which comes again is known.
      run: question.server_label,
      callId: question.id,
    })
    const { authorized } = await runtime.execute(guardedEvent(runtime, call))
    return authorized
  }
}
