import type { ActionRuntime, HostContext, Risk } from '@capfence/core'

/** One way in which a framework calls a tool that does nothing; each call has an id of its own. */
export interface ToolCalls {
  readonly name: string
  /** The framework's own tool, whose body calls `runtime.run` itself. */
  readonly direct: () => unknown
  /** The same tool, called the same way, behind the gate. */
  readonly guarded: () => unknown
}

/** The runtime, and the body of a tool that calls its `run` directly. */
export interface Gate {
  readonly runtime: ActionRuntime
  readonly run: () => Promise<string>
}

/** The ways of one adapter, over tools that are guarded by a runtime. */
export type OpenToolCalls = (gate: Gate) => readonly ToolCalls[]

/** What a process imports to use a framework, and what to use it behind the gate. */
export interface Imports {
  readonly name: string
  /** Modules of the framework that a program with tools imports anyway. */
  readonly framework: readonly string[]
  readonly adapter: string
  /** Where the names are resolved. */
  readonly from: string
}

/** Who calls, in every benchmark. */
export const HOST: HostContext & { readonly risk: Risk } = { actor: 'agent', environment: 'production', risk: 'low' }

/** What a tool is called with. */
export const ARGS: { readonly file: string; readonly lines: number } = { file: 'notes/today.md', lines: 200 }

/** Ids as a framework gives them out: a new one for each call. */
export function callIds(): () => string {
  let calls = 0
  return () => `call_${String(calls++)}`
}
