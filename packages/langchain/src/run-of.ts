import type { ToolRunnableConfig } from '@langchain/core/tools'

/**
 * The stable id of the run that a call belongs to: the thread, and the namespace of the checkpoint that the node runs
 * from. LangGraph makes the same call again with both the same; the next turn of a thread has another namespace, so that
 * models which number their calls from 0 each turn do not meet themselves.
 */
export function runOf({ configurable }: ToolRunnableConfig): string | undefined {
  const thread: unknown = configurable?.['thread_id']
  const namespace: unknown = configurable?.['checkpoint_ns']
  const parts = [thread, namespace].map((part) => (typeof part === 'string' && part !== '' ? part : null))
  return parts.every((part) => part === null) ? undefined : JSON.stringify(parts)
}
