import { type ActionRuntime, CapFenceError, refuseUngateable } from '@capfence/core/adapter'
import type { BaseToolkit, ClientTool, ServerTool, StructuredTool } from '@langchain/core/tools'
import { GUARDED, isGuarded } from './brand.ts'
import { type InnermostCall, guardedCall } from './guarded-call.ts'
import type { LangChainOptions } from './options.ts'
import { nameOf, whyUngateable } from './ungateable.ts'

/** What `createAgent`, `ToolNode` and `bindTools` take as a tool. */
export type LangChainTool = ClientTool | ServerTool

/**
 * The same tools, each behind the gate at its innermost call: whichever way one is called, it runs only where the policy
 * allows it, on the arguments that were judged. Give agents these and keep the originals to yourself. `TOOL_UNGATEABLE`
 * for a tool that cannot be guarded. A call that is refused gives an error message that the model reads; called by hand,
 * without a tool call, it throws `CallRefusedError`.
 */
export function guardTools<Tools extends readonly LangChainTool[] | []>(
  runtime: ActionRuntime,
  tools: Tools,
  options: LangChainOptions,
): Tools
/** The same toolkit, with each of its tools behind the gate. */
export function guardTools<Toolkit extends BaseToolkit>(
  runtime: ActionRuntime,
  toolkit: Toolkit,
  options: LangChainOptions,
): Toolkit
export function guardTools(
  runtime: ActionRuntime,
  tools: readonly LangChainTool[] | BaseToolkit,
  options: LangChainOptions,
): readonly LangChainTool[] | BaseToolkit {
  const guarded = (tool: LangChainTool): LangChainTool => guardTool(runtime, tool, options)
  if (isList(tools)) return tools.map(guarded)
  const own = tools.getTools().map(guarded)
  return Object.create(tools, {
    tools: { value: own, enumerable: true },
    getTools: { value: () => own },
  }) as BaseToolkit
}

function isList(tools: readonly LangChainTool[] | BaseToolkit): tools is readonly LangChainTool[] {
  return Array.isArray(tools)
}

function guardTool(runtime: ActionRuntime, tool: LangChainTool, options: LangChainOptions): LangChainTool {
  const name = nameOf(tool)
  if (isGuarded(tool)) throw new CapFenceError('OPTION_INVALID', `the tool \`${name.slice(0, 80)}\` is guarded already`)
  const why = whyUngateable(tool)
  if (why !== undefined) {
    refuseUngateable(name, why, options.ungated)
    return tool
  }
  const structured = tool as StructuredTool // no reason against it was found
  const inner = structured as unknown as { readonly _call: InnermostCall } // protected, and where every call ends
  const call = guardedCall({
    runtime,
    options,
    tool: name,
    responseFormat: structured.responseFormat,
    innermost: (input, runManager, config) => inner._call(input, runManager, config),
  })
  // Its prototype is the tool, so it is what that is. Frozen, and with the name that is judged: what is guarded stays so.
  return Object.freeze(
    Object.create(structured, {
      [GUARDED]: { value: true },
      name: { value: name, enumerable: true },
      _call: { value: call },
      ...('func' in structured ? { func: { value: call, enumerable: true } } : {}),
    }) as StructuredTool,
  )
}
