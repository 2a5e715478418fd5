import { type ActionRuntime, CallRefusedError, type Refusal, type Tool, guard, hostCall } from '@capfence/core/adapter'
import type { CallbackManagerForToolRun } from '@langchain/core/callbacks/manager'
import type { ToolRunnableConfig } from '@langchain/core/tools'
import { pauseToAsk } from './interrupt.ts'
import { type LangChainOptions, hostOptions } from './options.ts'
import { type Attempt, isPause, pauses } from './pauses.ts'
import { refusalMessage } from './refusal.ts'
import { runOf } from './run-of.ts'
import { settled } from './stream.ts'

/** The call that all of LangChain's own ways into a tool end in, once the input is parsed. */
export type InnermostCall = (
  input: unknown,
  runManager?: CallbackManagerForToolRun,
  config?: ToolRunnableConfig,
) => unknown

/** One tool, and how it is guarded. */
export interface GuardedTool {
  readonly runtime: ActionRuntime
  readonly options: LangChainOptions
  readonly tool: string
  readonly responseFormat: string | undefined
  readonly innermost: InnermostCall
}

// One call as it came in: its arguments are an object, also where the tool takes a text.
interface Incoming {
  readonly args: unknown
  readonly isText: boolean
  readonly runManager: CallbackManagerForToolRun | undefined
  readonly config: ToolRunnableConfig
}

/** What stands in the place of `_call`: asks the gate, and hands on what was judged. */
export function guardedCall(guarded: GuardedTool): InnermostCall {
  const { runtime, options, tool } = guarded
  const host = hostOptions(options)
  const paused = pauses()
  return async (input, runManager, config = {}) => {
    const incoming = { ...boxed(input, options), runManager, config }
    const { toolCall, signal } = config
    // A tool may pass its config on to the tools that it calls itself: then it still holds the tool's own call.
    const callId = toolCall?.name === tool ? toolCall.id : undefined
    const { args } = incoming
    const run = runOf(config)
    const call = hostCall(host, { adapter: 'langchain', tool, args, request: config, run, callId, signal })
    const attempt = paused.attempt(call)
    const start = started(guarded, incoming, attempt)
    let isOwn = true
    try {
      return await guard(runtime, attempt.call, (judged, context) => {
        isOwn = false // from here on a refusal is one of what the tool calls in turn
        return start(judged, context)
      })
    } catch (cause) {
      if (!(cause instanceof CallRefusedError)) throw cause
      if (isOwn) await asked(guarded, incoming, cause.verdict)
      return refused(guarded, config, cause)
    }
  }
}

function boxed(input: unknown, { approval }: LangChainOptions): Pick<Incoming, 'args' | 'isText'> {
  const isText = typeof input !== 'object' || input === null || Array.isArray(input)
  const args = isText ? { input } : input
  // What is shown to people must be what was judged, so nobody else may hold it.
  return { isText, args: approval === 'interrupt' ? copied(args) : args }
}

function copied(args: unknown): unknown {
  try {
    return structuredClone(args)
  } catch {
    return args // neither can the gate take it: it refuses what JSON cannot hold
  }
}

// The tool, on the judged arguments alone: the ones in its config, too.
function started(
  { innermost }: GuardedTool,
  { isText, runManager, config }: Incoming,
  attempt: Attempt,
): Tool<unknown> {
  return async (args, { signal }) => {
    const { toolCall } = config
    const own = toolCall === undefined ? { signal } : { signal, toolCall: { ...toolCall, args } }
    try {
      return await settled(innermost(isText ? args['input'] : args, runManager, { ...config, ...own }), runManager)
    } catch (cause) {
      if (isPause(cause)) attempt.paused()
      throw cause
    }
  }
}

async function asked({ options, tool }: GuardedTool, { args }: Incoming, verdict: Refusal): Promise<void> {
  if (options.approval === 'interrupt' && verdict.decision === 'require_approval') await pauseToAsk(tool, args, verdict)
}

function refused(
  { tool, responseFormat }: GuardedTool,
  { toolCall }: ToolRunnableConfig,
  error: CallRefusedError,
): unknown {
  if (toolCall === undefined) throw error
  const message = refusalMessage({ tool, callId: toolCall.id, verdict: error.verdict })
  return responseFormat === 'content_and_artifact' ? [message, undefined] : message
}
