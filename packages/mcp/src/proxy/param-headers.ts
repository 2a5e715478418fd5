import type { Message } from './back.ts'
import { encoded } from './mcp-headers.ts'

interface Declared {
  readonly header: string
  readonly path: readonly string[]
}

/** The arguments that servers want repeated in headers (SEP-2243), as they say in their lists of tools. */
export interface ParamHeaders {
  /** Looks at an answer for a list of tools. */
  readonly note: (answer: Message) => void
  /** The headers for a call. */
  readonly of: (message: Message) => Record<string, string>
}

const MAX_TOOLS = 10_000
const MAX_DEPTH = 16
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Remembers, of each tool of a server, which arguments are to be repeated. */
export function paramHeaders(): ParamHeaders {
  const declaredByTool = new Map<string, readonly Declared[]>()
  return {
    note: (answer) => {
      const tools = field(answer['result'], 'tools')
      if (!Array.isArray(tools)) return
      for (const tool of tools as readonly unknown[]) {
        const name = field(tool, 'name')
        if (typeof name !== 'string' || declaredByTool.size >= MAX_TOOLS) continue
        const declared = declaredIn(field(tool, 'inputSchema'), [])
        if (declared.length > 0) declaredByTool.set(name, declared)
        else declaredByTool.delete(name)
      }
    },
    of: (message) => {
      const name = message['method'] === 'tools/call' ? field(message['params'], 'name') : undefined
      const declared = typeof name === 'string' ? (declaredByTool.get(name) ?? []) : []
      return Object.fromEntries(declared.flatMap((one) => headerFor(one, field(message['params'], 'arguments'))))
    },
  }
}

function headerFor({ header, path }: Declared, args: unknown): readonly (readonly [string, string])[] {
  const value = path.reduce(field, args)
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? [[`mcp-param-${header.toLowerCase()}`, encoded(String(value))]] : []
}

function declaredIn(schema: unknown, path: readonly string[]): readonly Declared[] {
  const properties = field(schema, 'properties')
  if (typeof properties !== 'object' || properties === null || path.length >= MAX_DEPTH) return []
  return Object.entries(properties).flatMap(([name, inner]: [string, unknown]) => {
    const header = field(inner, 'x-mcp-header')
    const deeper = declaredIn(inner, [...path, name])
    return typeof header === 'string' && TOKEN.test(header) ? [{ header, path: [...path, name] }, ...deeper] : deeper
  })
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Message)[name] // an object, and it has that member
    : undefined
}
