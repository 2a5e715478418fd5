import type { ActionEventInit } from '../action/action-event.ts'
import { capability as capabilityIn, capabilityParts } from '../action/capability.ts'
import type { Policy } from './policy.ts'
import { toolSegment } from './tool-segment.ts'

/** A tool call as a framework makes it, with the context that the host knows. */
export interface ToolCall extends Omit<ActionEventInit, 'action' | 'resource' | 'scope' | 'tool'> {
  readonly tool: string
  /** The MCP server whose tool it is, under the name that the host gave it. */
  readonly server?: string | undefined
  /** The capability that the host's own code gives the tool; counts where the policy's `tools` do not name it. */
  readonly capability?: string | undefined
}

/**
 * The event that a tool call stands for, by the policy's `tools`. A tool that they do not name asks for
 * `tool.call.<name>`; one of an MCP server is called `mcp.<server>.<name>`, in `tools` too, and asks for that.
 */
export function toolCallEvent(policy: Pick<Policy, 'bindingOf'>, call: ToolCall): ActionEventInit {
  const { server, tool: name, capability, ...context } = call
  const action = server === undefined ? 'call' : toolSegment(server)
  const scope = toolSegment(name)
  // Made of segments, so a dot in a server's or a tool's own name can claim no other tool's binding.
  const tool = server === undefined || name === '' ? name : `mcp.${action}.${scope}`
  const wanted = policy.bindingOf(tool)?.capability ?? capability
  if (wanted === undefined) {
    return Object.assign(context, { tool, resource: server === undefined ? 'tool' : 'mcp', action, scope })
  }
  const parts = capabilityParts(capabilityIn(wanted))
  return Object.assign(context, { tool, resource: parts.resource, action: parts.action, scope: parts.scope.join('.') })
}
