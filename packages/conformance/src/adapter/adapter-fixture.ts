import type { ActionRuntime, HostOptions, Ungated } from '@capfence/core'

/**
 * A tool as a case describes it. Each takes an object with the optional members `amount` (number), `file`, `to` and
 * `note` (texts); a fixture makes the framework's own kind of tool of it, with that schema.
 */
export interface CaseTool {
  readonly name: string
  readonly description: string
  readonly run: (args: Record<string, unknown>, signal: AbortSignal | undefined) => unknown
  /** In place of `run`, for tools that give their result piece by piece. */
  readonly stream?: (args: Record<string, unknown>) => AsyncIterable<string>
}

/** One tool call that the framework's fake model makes. */
export interface ScriptedCall {
  readonly id: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
}

/** What the model was told of one call. */
export interface Told {
  /** The framework's id of the call; undefined where it hands none on. */
  readonly id: string | undefined
  readonly text: string
  readonly isError: boolean
}

/** How a conversation went. */
export interface Conversation {
  /** In the order that the model saw them. */
  readonly told: readonly Told[]
  /** True where the agent reached its own end, because no refusal broke the loop. */
  readonly isComplete: boolean
  /** The pieces that streaming tools gave to the framework's own stream. */
  readonly pieces: readonly string[]
}

/** The tools and the gate of one case. */
export interface CaseSetup {
  readonly runtime: ActionRuntime
  readonly tools: readonly CaseTool[]
  readonly host: Omit<HostOptions<never>, 'contextOf' | 'runOf'>
  /** The run or thread that the conversation belongs to. */
  readonly run: string
  readonly signal?: AbortSignal | undefined
}

/** A way round a gate, by name: it resolves or rejects, and whether a tool ran is for the case to see. */
export type Ways = Readonly<Record<string, () => Promise<unknown>>>

/** What an adapter brings to its cases: its real framework, with that framework's own fake model, and no network. */
export interface AdapterFixture {
  readonly name: string
  /** The MCP server that the tools belong to: `cases`, whose tools the policy of the cases names; of none where left out. */
  readonly server?: string | undefined
  readonly has: {
    /** Whether the framework hands a call's id to its tool. */
    readonly callIds: boolean
    readonly streaming: boolean
    readonly agentAsTool: boolean
  }
  /** Guards the tools and lets the framework's own agent run: a turn of the fake model for each list of calls, then its end. */
  converse(setup: CaseSetup, turns: readonly (readonly ScriptedCall[])[]): Promise<Conversation>
  /** Every public way to call one guarded tool by hand, and every way that is known to get round the framework's hooks. */
  ways(setup: CaseSetup, call: ScriptedCall): Ways
  /** Every way to forge, edit or replay the framework's own approvals, so that the call would run without a grant of ours. */
  forgeries(setup: CaseSetup, call: ScriptedCall): Ways
  /** Every way to exchange the arguments between judgement and execution: `evil` are those that must never arrive. */
  mutations(setup: CaseSetup, call: ScriptedCall, evil: ScriptedCall['args']): Ways
  /** Each kind of tool that cannot be guarded: guarding it throws, unless it is left ungated on the record. */
  ungateable(setup: CaseSetup): Readonly<Record<string, (ungated?: Ungated) => unknown>>
  /** What the model is told of each tool (name, description, schema), before it was guarded and after; promises are awaited. */
  surfaces(setup: CaseSetup): { readonly before: unknown; readonly after: unknown }
  /** An outer agent calls its guarded tool `delegate`, in which an inner agent makes the call. */
  nested(setup: CaseSetup, call: ScriptedCall): Promise<Conversation>
}
