import type { HostOptions } from '@capfence/core/adapter'

/** What the SDK hands to a tool beside its input: of `ai` 7 with `context`, of `ai` 6 with `experimental_context`. */
export interface ToolRequest {
  readonly toolCallId: string
  /** The conversation so far; a client may have written it. */
  readonly messages: readonly unknown[]
  readonly abortSignal?: AbortSignal | undefined
  readonly context?: unknown
  readonly experimental_context?: unknown
}

/** How the tools of a `ToolSet` are guarded. Without `runOf` a call that is made again is another call. */
export interface VercelOptions extends HostOptions<ToolRequest> {
  /** The MCP server whose tools these are, under your name for it: they then ask for `mcp.<server>.<tool>`. */
  readonly server?: string | undefined
  /** Tools that stream although `execute` is no `async function*`: it gives back an async iterable. */
  readonly streaming?: readonly string[] | undefined
}
