import {
  type ActionRuntime,
  CallRefusedError,
  type GuardedCall,
  type Refusal,
  Ungated,
  guard,
  hostCall,
} from '@capfence/core/adapter'
import type { ClientTool, ServerTool, ToolRunnableConfig } from '@langchain/core/tools'
import { type AgentMiddleware, createMiddleware } from 'langchain'
import { isGuarded } from './brand.ts'
import { type LangChainOptions, hostOptions } from './options.ts'
import { refusalMessage } from './refusal.ts'

/** Middleware with no state, no context and no tools of its own, so that the types of an agent stay as they are. */
export type Backstop = AgentMiddleware<undefined, undefined, unknown, readonly (ClientTool | ServerTool)[], readonly []>

/**
 * The backstop of `createAgent`: refuses, on the record, each call of a tool that is not guarded, whoever brought it in,
 * and each call that another tool would answer than the one it names. It judges nothing itself: the gate stands in the
 * tool. Put it last, as middleware behind it could still exchange the tool.
 */
export function capfenceMiddleware(runtime: ActionRuntime, options: LangChainOptions): Backstop {
  const host = hostOptions(options)
  return createMiddleware({
    name: 'CapFence',
    wrapToolCall: async (request, handler) => {
      const { tool, toolCall } = request
      if (tool?.name === toolCall.name && (isGuarded(tool) || isLeft(toolCall.name, options))) return handler(request)
      const { configurable, context } = request.runtime
      const config: ToolRunnableConfig = { toolCall, configurable: configurable ?? {}, context }
      const call = hostCall(host, { adapter: 'langchain', tool: toolCall.name, args: toolCall.args, request: config })
      const refused = { tool: toolCall.name, callId: toolCall.id, verdict: await recordedRefusal(runtime, call) }
      const name = toolCall.name.slice(0, 80)
      return refusalMessage(refused, `blocked by CapFence: \`${name}\` is not a guarded tool of this agent`)
    },
  })
}

// Left without a guard, on the record.
function isLeft(name: string, { ungated }: LangChainOptions): boolean {
  return Ungated.is(ungated) && ungated.allows(name)
}

// Given up before it is judged, so that no rule and no grant can allow it: all that is left of it is its record.
async function recordedRefusal(runtime: ActionRuntime, call: GuardedCall): Promise<Refusal> {
  try {
    await guard(runtime, { ...call, signal: AbortSignal.abort() }, () => undefined)
  } catch (cause) {
    if (cause instanceof CallRefusedError) return cause.verdict
    throw cause
  }
  throw new Error('a call that was given up was allowed')
}
