import type { HostOptions } from '@capfence/core/adapter'
import type { ToolRunnableConfig } from '@langchain/core/tools'

/** What a question to a human does to the run. */
export type ApprovalMode = 'refuse' | 'interrupt'

/**
 * How LangChain tools are guarded. `contextOf` and `runOf` are given the config of the call; of it, `configurable` and
 * `context` hold what whoever invoked the agent put there, so take an actor from them only where the host sets them.
 */
export interface LangChainOptions extends HostOptions<ToolRunnableConfig> {
  /**
   * `refuse`, where left out: the model is told that the action waits. `interrupt`: the LangGraph run pauses; once it is
   * resumed the gate is asked again, and what it was resumed with counts for nothing. Without a checkpointer: `refuse`.
   */
  readonly approval?: ApprovalMode | undefined
}

/** The options that the core knows. */
export function hostOptions({ approval: _approval, ...host }: LangChainOptions): HostOptions<ToolRunnableConfig> {
  return host
}
