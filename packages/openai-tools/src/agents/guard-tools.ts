import { type ActionRuntime, type HostOptions, guard, hostCall, refuseUngateable } from '@capfence/core/adapter'
import type { FunctionTool, RunContext, Tool } from '@openai/agents'
import { type Callback, isCallback, standFor, unguarded } from '../callback.ts'
import { copyWith, propertyOf } from '../copy-with.ts'
import { argsOrText } from '../strict-json.ts'
import { resumedCallId } from './resumed-call-id.ts'
import { runOfContext } from './run-of-context.ts'
import { toldOf, unlessFailed } from './told-failure.ts'

type Invoke = FunctionTool['invoke']

/** What the Agents SDK hands to a tool beside its arguments. */
export interface InvokeRequest {
  readonly runContext: RunContext | undefined
  readonly details: Parameters<Invoke>[2]
}

/**
 * Guards the tools of an agent at their last step, `invoke`: direct runs, streams, handoffs, agents as tools and resumed
 * states all pass it. Each call is judged, runs at most once on what was judged, and is recorded; a refusal is told to
 * the model as the tool's result. An approval of the SDK's own authorizes nothing. Shell, computer and patch tools, and
 * those that OpenAI runs itself, are refused here, unless they go ungated on the record.
 *
 * @example
 * ```ts
 * const tools = guardTools(runtime, [readFile, pay], { actor: 'agent', environment: 'production' })
 * const agent = new Agent({ name: 'Clerk', tools })
 * ```
 */
export function guardTools<Tools extends readonly Pick<Tool, 'type' | 'name'>[] | []>(
  runtime: ActionRuntime,
  tools: Tools,
  options: HostOptions<InvokeRequest>,
): Tools {
  const guarded = tools.map((tool: Pick<Tool, 'type' | 'name'>) => {
    const invoke = propertyOf(tool, 'invoke')
    if (tool.type === 'function' && isCallback(invoke)) {
      return copyWith(tool, { invoke: guardedInvoke({ runtime, tool, invoke, options }) })
    }
    refuseUngateable(tool.name, whyNot(tool.type), options.ungated)
    return tool
  })
  return guarded as readonly object[] as Tools // each is a copy of its kind
}

function whyNot(type: Tool['type']): string {
  switch (type) {
    case 'function':
      return 'it has no function that could be guarded'
    case 'hosted_tool':
      return 'it does not run here'
    case 'shell':
    case 'computer':
    case 'apply_patch':
      return 'this version guards functions and MCP servers only'
    default:
      return type satisfies never
  }
}

interface GuardedTool {
  readonly runtime: ActionRuntime
  readonly tool: Pick<Tool, 'name'>
  readonly invoke: Callback
  readonly options: HostOptions<InvokeRequest>
}

function guardedInvoke({ runtime, tool, invoke, options }: GuardedTool): Callback {
  const original = unguarded(invoke)
  const { name } = tool
  const guarded = async (runContext: RunContext, text: string, details?: Parameters<Invoke>[2]): Promise<unknown> => {
    const call = hostCall(options, {
      adapter: 'openai-agents',
      tool: name,
      args: argsOrText(text),
      request: { runContext, details },
      run: runOfContext(runContext),
      callId: resumedCallId(details),
      signal: details?.signal,
    })
    try {
      return await guard(runtime, call, async (args, { signal }) =>
        // With details of its own the SDK reads the text that was judged, not what it had read before.
        unlessFailed(await Reflect.apply(original, tool, [runContext, JSON.stringify(args), { ...details, signal }])),
      )
    } catch (error) {
      return toldOf(error)
    }
  }
  return standFor(guarded as Callback, original) // the SDK calls it with these three
}
