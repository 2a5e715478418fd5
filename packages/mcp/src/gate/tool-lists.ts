import { ActionEvent, type ActionRuntime, guardedEvent } from '@capfence/core'
import { errorMessage } from './answers.ts'
import { hostOf, mcpCall } from './mcp-call.ts'
import type { McpOptions } from './mcp-options.ts'
import { strayNames } from './member-names.ts'
import { INTERNAL_ERROR, own } from './message.ts'
import type { OpenRequest } from './open-requests.ts'

/** What a server says of its tools, on the way to the client. */
export interface ToolLists {
  /** The answer to a `tools/list` as the client may see it; the very same where nothing has to be left out. */
  readonly told: (answer: object, request: OpenRequest) => object
}

// A client that tells no case apart takes `Tools` for the list, and nobody has looked through that one.
const hasStray = strayNames(['tools'])

/** By the host's options. */
export function toolLists(runtime: ActionRuntime, options: McpOptions): ToolLists {
  const { pins, hideDenied } = options
  const looks = pins !== undefined || hideDenied === true

  function shownOf(listed: readonly unknown[], request: OpenRequest): readonly unknown[] {
    const known = pins === undefined ? listed : pins.listed(listed)
    return hideDenied === true ? known.filter((tool) => couldRun(runtime, options, { tool, request })) : known
  }

  return {
    told: (answer, request) => {
      const result = own(answer, 'result')
      const listed = own(result, 'tools')
      if (looks && typeof result === 'object' && result !== null && hasStray(result)) return unfit(request)
      if (!Array.isArray(listed)) return answer
      try {
        const shown = shownOf(listed, request)
        return shown.length === listed.length ? answer : { ...answer, result: { ...(result as object), tools: shown } }
      } catch {
        // The host's own code threw. A list that could not be looked through is not shown.
        return unfit(request)
      }
    },
  }
}

function unfit({ id }: OpenRequest): object {
  return errorMessage(id, INTERNAL_ERROR, 'the tools could not be looked through')
}

interface Listed {
  readonly tool: unknown
  readonly request: OpenRequest
}

function couldRun(runtime: ActionRuntime, options: McpOptions, { tool, request }: Listed): boolean {
  const name = own(tool, 'name')
  if (typeof name !== 'string') return true // no tool: the client's to refuse
  const wanted = { tool: name, server: options.server, args: {} }
  const { extra } = request
  const call = mcpCall(hostOf(options), { wanted, request, extra, connection: undefined, signal: undefined })
  const event = guardedEvent(runtime, call)
  return ActionEvent.is(event) && runtime.couldAllow(event)
}
