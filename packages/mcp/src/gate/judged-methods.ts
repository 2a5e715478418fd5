import { CapFenceError } from '@capfence/core'
import type { McpOptions } from './mcp-options.ts'
import { foldedName, hasTwins, strayNames } from './member-names.ts'

/** The methods of a connection that are judged. */
export interface JudgedMethods {
  readonly judges: (method: string) => boolean
  /** True for what is written almost like a judged method, or the list of tools: a server that is lenient may take it for that one. */
  readonly resembles: (method: string) => boolean
  /** What a judged request asks for; undefined where its params are none of the method's. */
  readonly callOf: (method: string, params: unknown) => JudgedCall | undefined
}

/** What a judged request asks for. */
export interface JudgedCall {
  readonly tool: string
  /** Undefined for a method that is no tool: it stands for itself. */
  readonly server: string | undefined
  readonly capability?: string
  /** The request's own, not copied: the core takes its copy before anything is awaited. */
  readonly args: unknown
  /** The params to hand on, made anew of the arguments that were judged. */
  readonly paramsFor: (args: Record<string, unknown>) => Record<string, unknown>
}

const TOOLS_CALL = 'tools/call'
const TOOLS_LIST = 'tools/list'
const SERVER_NAME = /^[a-z0-9_-]{1,64}$/u
// With a slash at least: one word would ask for what a tool of that name asks for.
const METHOD = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)+$/u

/** The judged methods by the host's options. `OPTION_INVALID` for a name that could pass for another one. */
export function judgedMethods({ server, judge = [] }: McpOptions): JudgedMethods {
  checkServer(server)
  const wrong = judge.find((method) => !METHOD.test(method))
  if (wrong !== undefined) {
    throw new CapFenceError('OPTION_INVALID', `\`judge\` names \`${wrong.slice(0, 80)}\`, which is no MCP method`)
  }
  const exact = new Set([TOOLS_CALL, ...judge])
  const known = new Set([...exact, TOOLS_LIST])
  const folded = new Set([...known].map(foldedName))
  return {
    judges: (method) => exact.has(method),
    resembles: (method) => !known.has(method) && folded.has(foldedName(method)),
    callOf: (method, params) => {
      if (!isObject(params)) return undefined
      return method === TOOLS_CALL ? toolCall(server, params) : otherCall(server, method, params)
    },
  }
}

/** `OPTION_INVALID` for what is no name of a server: another spelling must not pass for another server. */
export function checkServer(server: string): void {
  if (typeof server === 'string' && SERVER_NAME.test(server)) return
  throw new CapFenceError('OPTION_INVALID', '`server` is not a name of `a-z`, `0-9`, `_` and `-`, at most 64 long')
}

/** What a client adds to a request that it makes again because the server asked for more (2026-07-28). */
const INPUTS = ['inputResponses', 'requestState'] as const

// What stands beside the arguments goes on unjudged, so it must be nothing that a server takes for them.
const hasStray = strayNames(['name', 'arguments', '_meta', 'task', ...INPUTS])

function toolCall(server: string, params: object): JudgedCall | undefined {
  const { name, arguments: args, ...rest } = params as Readonly<Record<string, unknown>> // read once, own members alone
  if (typeof name !== 'string' || hasStray(params)) return undefined
  if (isObject(args) && hasTwins(args)) return undefined
  const given = INPUTS.filter((key) => Object.hasOwn(rest, key))
  const beside = without(rest, given)
  const kept = Object.keys(beside).length === 0 ? undefined : structuredClone(beside)
  const whole = withInputs(args === undefined ? {} : args, picked(rest, given))
  if (whole === undefined) return undefined
  return {
    tool: name,
    server,
    args: whole,
    paramsFor: (judged) => {
      const others = { ...kept, ...picked(judged, given), name }
      return args === undefined ? others : { ...others, arguments: without(judged, given) }
    },
  }
}

/**
 * What the user answered is input of the tool as its arguments are, and so is judged with them. Undefined where the
 * tool has arguments of those names itself.
 */
function withInputs(args: unknown, given: Readonly<Record<string, unknown>>): unknown {
  const keys = Object.keys(given)
  if (keys.length === 0 || !isObject(args)) return args
  return keys.some((key) => Object.hasOwn(args, key)) ? undefined : { ...args, ...given }
}

function otherCall(server: string, method: string, params: object): JudgedCall | undefined {
  if (hasTwins(params)) return undefined
  const { _meta, ...args } = params as Readonly<Record<string, unknown>>
  const kept = _meta === undefined ? {} : { _meta: structuredClone(_meta) }
  // Four parts: no tool of any server has such a name.
  const tool = `mcp.${server}.${method.toLowerCase().replaceAll('/', '.')}`
  return { tool, server: undefined, capability: tool, args, paramsFor: (judged) => ({ ...judged, ...kept }) }
}

type Members = Readonly<Record<string, unknown>>

// Most calls have no inputs of the user's, and copying members one by one is slow.
function without(members: Members, keys: readonly string[]): Members {
  if (keys.length === 0) return members
  return Object.fromEntries(Object.entries(members).filter(([key]) => !keys.includes(key)))
}

function picked(members: Members, keys: readonly string[]): Members {
  if (keys.length === 0) return {}
  return Object.fromEntries(Object.entries(members).filter(([key]) => keys.includes(key)))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
