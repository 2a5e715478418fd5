import type { HostOptions } from '@capfence/core'
import type { ToolPins } from '../pins/tool-pins.ts'

/** One request of MCP, as the host's own `contextOf` and `runOf` see it. */
export interface McpRequest {
  readonly method: string
  /** The JSON-RPC id: counted anew on each connection. */
  readonly id: string | number | undefined
  /** As the client wrote them; no source for who calls. */
  readonly params: unknown
  /** What the transport hands over beside the message, such as `authInfo`. */
  readonly extra: unknown
}

/** Whose tools are guarded, and for whom. */
export interface McpHostOptions extends HostOptions<McpRequest> {
  /** Your name for the server, of `a-z`, `0-9`, `_` and `-`: its tools ask for `mcp.<server>.<tool>`. */
  readonly server: string
}

/**
 * How the calls of one server's tools are guarded. Without `runOf` each connection is a run of its own; give it only
 * where your clients' request ids are unique in a run, for those of the SDKs count from 0 on each connection.
 */
export interface McpOptions extends McpHostOptions {
  /** Leaves tools out of `tools/list` that the policy allows with no arguments at all. */
  readonly hideDenied?: boolean | undefined
  /**
   * Further methods that are judged: `resources/read` asks for `mcp.<server>.resources.read`, `prompts/get` for
   * `mcp.<server>.prompts.get`. `tools/call` always is.
   */
  readonly judge?: readonly string[] | undefined
  /** Holds what the server says of its tools against what it said before. */
  readonly pins?: Pick<ToolPins, 'listed' | 'objection'> | undefined
}
