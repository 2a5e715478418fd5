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
  const { request, run, ...framework } = call
  const code = tools !== undefined && Object.hasOwn(tools, call.tool) ? tools[call.tool] : undefined
  const own = contextOf?.(request) ?? {}
  const risks = [own.risk, code?.risk, context.risk, 'medium'] as const
  return {
    ...context,
    ...own,
    ...framework,
    risk: risks.find((risk) => risk !== undefined) ?? 'medium',
    run: runOf?.(request) ?? run,
    capability: code?.capability,
  }
}
