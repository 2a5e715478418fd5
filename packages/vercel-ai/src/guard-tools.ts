import { type ActionRuntime, CapFenceError, refuseUngateable } from '@capfence/core/adapter'
import type { ToolSet } from 'ai'
import { guardedCallOf, guardedExecute } from './guarded-execute.ts'
import type { VercelOptions } from './host-options.ts'
import { boundCaller } from './tool-caller.ts'

/** One tool as the adapter takes it in: whatever else it carries is handed on as it is. */
type AnyTool = Readonly<Record<string, unknown>>

// The SDK calls these while the model still writes its call: before any verdict.
const EARLY_HOOKS = ['onInputStart', 'onInputDelta', 'onInputAvailable'] as const

/**
 * The same tools, of the same types, each behind the gate: judged when it is called, run at most once on what was
 * judged, recorded. A refusal is thrown as `CallRefusedError`, which the SDK tells the model as a tool error.
 * `TOOL_UNGATEABLE` for tools that are executed by a provider or a client.
 *
 * @example See `examples/vercel-ai-agent/demo.ts`.
 */
export function guardTools<const Tools extends ToolSet>(
  runtime: ActionRuntime,
  tools: Tools,
  options: VercelOptions,
): Tools {
  // Whatever the set inherits is none of its tools.
  const guarded = Object.create(Object.getPrototypeOf(tools) === null ? null : Object.prototype) as object
  for (const name of Object.keys(tools)) {
    const tool = guardTool(runtime, { name, tool: tools[name] }, options)
    // Defined, not assigned: `__proto__` is a name like any other.
    Object.defineProperty(guarded, name, { value: tool, enumerable: true, configurable: true, writable: true })
  }
  return guarded as Tools // the same names, each with a tool of the same type
}

interface NamedTool {
  readonly name: string
  readonly tool: unknown
}

// Of such a tool the SDK keeps all but `execute`: it runs its own search there, and a program's `search` in that.
const TOOL_SEARCH = Symbol.for('vercel.ai.toolSearch')

function guardTool(runtime: ActionRuntime, { name, tool }: NamedTool, options: VercelOptions): unknown {
  if (!isTool(tool)) throw new CapFenceError('OPTION_INVALID', `\`${name.slice(0, 80)}\` is not a tool`)
  if (Reflect.get(tool, TOOL_SEARCH) !== undefined) {
    refuseUngateable(name, 'the SDK runs a search of its own in its place', options.ungated)
  }
  const early = EARLY_HOOKS.find((hook) => typeof tool[hook] === 'function')
  if (early !== undefined) {
    refuseUngateable(
      name,
      `its \`${early}\` is called before any verdict (do that work in \`execute\`)`,
      options.ungated,
    )
  }
  const { execute } = tool
  if (isProviders(tool) || typeof execute !== 'function') {
    refuseUngateable(name, whyNot(tool), options.ungated)
    return tool
  }
  if (guardedCallOf(execute) !== undefined) {
    throw new CapFenceError('OPTION_INVALID', `the tool \`${name.slice(0, 80)}\` is guarded already; guard it once`)
  }
  const own = { name, tool, execute: execute as (...given: unknown[]) => unknown } // checked above
  const caller = boundCaller(tool, (bound) => guardTool(runtime, { name, tool: bound }, options))
  return copied(tool, { execute: guardedExecute(runtime, own, options), ...caller })
}

function isTool(value: unknown): value is AnyTool {
  return typeof value === 'object' && value !== null
}

// A provider's tool that says nothing of who executes it has no `execute` where the provider does.
function isProviders(tool: AnyTool): boolean {
  return tool['isProviderExecuted'] === true
}

function whyNot(tool: AnyTool): string {
  return isProviders(tool) || tool['type'] === 'provider'
    ? 'its provider executes it'
    : 'it has no `execute`, so a client executes it'
}

/** A copy by descriptors: spreading would lose what is not enumerable, such as what makes a tool a caller of tools. */
function copied(tool: AnyTool, changes: Readonly<Record<string, unknown>>): object {
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(tool)
  for (const [key, value] of Object.entries(changes)) {
    const enumerable = descriptors[key]?.enumerable ?? true
    descriptors[key] = { value, enumerable, configurable: true, writable: true }
  }
  return Object.create(Object.getPrototypeOf(tool) as object | null, descriptors) as object
}
