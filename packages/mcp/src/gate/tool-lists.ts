import type { ActionRuntime } from '@capfence/core'
import type { McpOptions } from './mcp-options.ts'
import type { OpenRequest } from './open-requests.ts'

/** What a server says of its tools, on the way to the client. */
export interface ToolLists {
  /** The answer to a `tools/list` as the client may see it. */
  readonly told: (answer: object, request: OpenRequest) => object
}

/** By the host's options. */
export function toolLists(_runtime: ActionRuntime, _options: McpOptions): ToolLists {
  return { told: (answer) => answer }
}
