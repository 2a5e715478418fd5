import { ActionEvent, type ActionEventInit } from '../action/action-event.ts'
import { callId } from '../action/call-id.ts'
import type { ToolCall } from '../policy/tool-call.ts'
import type { Tool } from '../runtime/run-tool.ts'
import type { ActionRuntime } from './action-runtime.ts'
import { currentChain, withinChain } from './call-chain.ts'

/** A framework's call of a tool, as an adapter hands it over. Context comes from the host, never from the arguments. */
export interface GuardedCall extends Omit<ToolCall, 'id' | 'at'> {
  /** The adapter's name, for example `langchain`. */
  readonly adapter: string
  /** The host's stable run or thread id, else a random one for each wrapped run. */
  readonly run?: string | undefined
  /** The framework's id of this call; without one (or without `run`) re-entry is not recognized. */
  readonly callId?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

/**
 * Puts one call of a tool behind the runtime: maps it by the policy's `tools`, judges it, runs `execute` at most once on
 * a copy of the very arguments that were judged, and records both. `CallRefusedError` where it may not run. The same
 * call made again in this process gives the same result, and neither runs nor counts again. What the tool calls in turn
 * is known to be called through it: `callerDepth` and `actorChain` grow.
 */
export function guard<Result>(runtime: ActionRuntime, call: GuardedCall, execute: Tool<Result>): Promise<Result> {
  const { signal, timeoutMs, actor } = call
  const within: Tool<Result> = (args, context) => withinChain(actor, context.plan, () => execute(args, context))
  const event = guardedEvent(runtime, call)
  const start = (): Promise<Result> => runtime.run(event, within, { signal, timeoutMs })
  return call.callId !== undefined && ActionEvent.is(event) ? runtime.once(event, start) : start()
}

/**
 * The event that `guard` judges for a call, for adapters that only ask (`preview`) or leave the run to others
 * (`execute`). What cannot become an event is handed on as it is, so that it is refused on the record.
 */
export function guardedEvent(runtime: ActionRuntime, call: GuardedCall): ActionEvent | ActionEventInit {
  try {
    return hasStray(call) ? asItIs(call) : ActionEvent.create(eventInit(runtime, call))
  } catch {
    return asItIs(call)
  }
}

// Field by field, and only what is there: objects that are spread together are slow to make, and then to read.
function eventInit(runtime: ActionRuntime, call: GuardedCall): ActionEventInit {
  const { tool, args, actor, environment, risk } = call
  // A tool that a guarded tool calls stands one deeper than that one; the host may say so itself.
  const actorChain = call.actorChain ?? currentChain()?.actors
  const callerDepth = call.callerDepth ?? actorChain?.length ?? 0
  const named: { -readonly [Field in keyof ToolCall]: ToolCall[Field] } = {
    tool,
    args,
    actor,
    environment,
    risk,
    callerDepth,
  }
  if (actorChain !== undefined) named.actorChain = actorChain
  for (const field of OPTIONAL) if (call[field] !== undefined) named[field] = call[field]
  const id = identityOf(call)
  if (id !== undefined) named.id = id
  return runtime.toolEvent(named)
}

const OPTIONAL = ['server', 'capability', 'session', 'tenant', 'userRole'] as const

// prettier-ignore
const FIELDS: ReadonlySet<string> = new Set([
  'adapter', 'run', 'callId', 'signal', 'timeoutMs', 'tool', 'server', 'capability', 'actor', 'environment', 'risk',
  'session', 'tenant', 'userRole', 'callerDepth', 'actorChain', 'args',
])

// As events do: a misspelt `tenant` must not silently widen a rule.
function hasStray(call: GuardedCall): boolean {
  for (const key of Object.keys(call)) if (!FIELDS.has(key)) return true
  return false
}

// No event: it names neither a resource nor an action.
function asItIs(call: GuardedCall): ActionEventInit {
  const { adapter: _adapter, run: _run, callId: id, signal: _signal, timeoutMs: _timeoutMs, ...toolCall } = call
  return { ...toolCall, id, resource: '', action: '' }
}

function identityOf(call: GuardedCall): string | undefined {
  const { adapter, actor, tenant, session, run, callId: ownId } = call
  return run === undefined || ownId === undefined
    ? undefined
    : callId({ adapter, actor, tenant, session, run, callId: ownId })
}
