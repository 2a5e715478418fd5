import type { Risk } from '../action/action-event.ts'
import type { GuardedCall } from './guard.ts'
import type { Ungated } from './ungated.ts'

/** Who calls, and where: what the host vouches for. Never taken from a tool's arguments. */
export interface HostContext {
  readonly actor: string
  readonly environment: string
  /** `medium` where left out. */
  readonly risk?: Risk | undefined
  readonly session?: string | undefined
  readonly tenant?: string | undefined
  readonly userRole?: string | undefined
  readonly callerDepth?: number | undefined
  readonly actorChain?: readonly string[] | undefined
}

/** What a host's own code says of a tool that the policy's `tools` do not name. */
export interface CodeBinding {
  /** `resource.action.scope` */
  readonly capability: string
  readonly risk?: Risk | undefined
}

/** How an adapter guards tools. `Request` is what the framework hands to a tool beside its arguments. */
export interface HostOptions<Request> extends HostContext {
  /** Context that differs from call to call, out of the framework's own request; only what the host itself put there. */
  readonly contextOf?: ((request: Request) => Partial<HostContext>) | undefined
  /** The stable id of the run or thread, out of the framework's own request; what the adapter knows where left out. */
  readonly runOf?: ((request: Request) => string | undefined) | undefined
  /** Capabilities in code, by tool name. The policy's `tools` come first. */
  readonly tools?: Readonly<Record<string, CodeBinding>> | undefined
  /** Leave, given on the record, to hand on tools that cannot be guarded. */
  readonly ungated?: Ungated | undefined
}

/** One call as the framework makes it. */
export interface FrameworkCall<Request> {
  readonly adapter: string
  readonly tool: string
  readonly server?: string | undefined
  readonly args: unknown
  readonly request: Request
  readonly run?: string | undefined
  readonly callId?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The guarded call of a framework's: the host's context, with what the host says of this very request on top. */
export function hostCall<Request>(options: HostOptions<Request>, call: FrameworkCall<Request>): GuardedCall {
  const { contextOf, runOf, tools, ungated: _ungated, ...context } = options
  const { adapter, tool, args, request } = call
  const code = codeOf(tools, tool)
  const own = contextOf?.(request) ?? {}
  const run = runOf?.(request) ?? call.run
  const risk = riskOf([own, code, context])
  // What nobody knows goes along as well: it is refused where the event is made.
  const guarded: Writable<GuardedCall> = {
    ...context,
    ...own,
    adapter,
    tool,
    args,
    risk,
    run,
    capability: code?.capability,
  }
  // One by one: to spread a part of an object is the slowest of all that a call goes through here.
  if (Object.hasOwn(call, 'server')) guarded.server = call.server
  if (Object.hasOwn(call, 'callId')) guarded.callId = call.callId
  if (Object.hasOwn(call, 'signal')) guarded.signal = call.signal
  return guarded
}

function codeOf(tools: HostOptions<never>['tools'], tool: string): CodeBinding | undefined {
  return tools !== undefined && Object.hasOwn(tools, tool) ? tools[tool] : undefined
}

type Writable<Value> = { -readonly [Field in keyof Value]: Value[Field] }

function riskOf(from: readonly ({ readonly risk?: Risk | undefined } | undefined)[]): Risk {
  return from.find((said) => said?.risk !== undefined)?.risk ?? 'medium'
}
