import type { Message } from './back.ts'

// SEP-2243: since revision 2026-07-28 a request over HTTP repeats parts of its body in headers.
const NAME_SOURCES: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion'
const PREFIX = '=?base64?'
const SUFFIX = '?='
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The revision that a request itself names; undefined for those that go by what `initialize` agreed on. */
export function ownVersion(message: Message): string | undefined {
  const version = member(member(message['params'], '_meta'), VERSION_KEY)
  return typeof version === 'string' ? version : undefined
}

/** The headers that repeat the body of a request of revision 2026-07-28, made from that body. */
export function bodyHeaders(message: Message): Record<string, string> {
  const { method } = message
  if (ownVersion(message) === undefined || typeof method !== 'string') return {}
  const name = nameOf(message)
  return { 'mcp-method': method, ...(name === undefined ? {} : { 'mcp-name': encoded(name) }) }
}

type Header = (name: string) => string | undefined

/** In which way headers and body disagree; undefined where they do not. A router may have gone by the headers. */
export function disagreement(header: Header, message: Message): string | undefined {
  const method = header('mcp-method')
  const name = header('mcp-name')
  const version = header('mcp-protocol-version')
  const own = ownVersion(message)
  if (method !== undefined && method !== message['method']) return 'the header Mcp-Method names another method'
  if (name !== undefined && decoded(name) !== nameOf(message)) return 'the header Mcp-Name names something else'
  if (own !== undefined && version !== undefined && version !== own) {
    return 'the header MCP-Protocol-Version names another revision'
  }
  return undefined
}

/** In which of the headers that repeat an argument stands a value that no argument has; undefined where in none. */
export function strayParameter(headers: readonly (readonly [string, string])[], message: Message): string | undefined {
  const values = new Set<string>()
  collect(member(message['params'], 'arguments'), values)
  return headers.find(([, text]) => {
    const value = decoded(text)
    return value === undefined || !(values.has(value) || values.has(String(Number(value))))
  })?.[0]
}

function nameOf(message: Message): string | undefined {
  const source = typeof message['method'] === 'string' ? sourceOf(message['method']) : undefined
  const value = source === undefined ? undefined : member(message['params'], source)
  return typeof value === 'string' ? value : undefined
}

function sourceOf(method: string): string | undefined {
  return Object.hasOwn(NAME_SOURCES, method) ? NAME_SOURCES[method] : undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Message)[name] // an object, and it has that member
    : undefined
}

function collect(value: unknown, into: Set<string>): void {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) collect(inner, into)
  else into.add(String(value))
}

/** A text as a header has it: what is not plain ASCII goes as base64. */
export function encoded(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith(PREFIX)
  return isPlain ? text : `${PREFIX}${Buffer.from(text).toString('base64')}${SUFFIX}`
}

function decoded(text: string): string | undefined {
  if (!text.startsWith(PREFIX) || !text.endsWith(SUFFIX)) return text
  const base64 = text.slice(PREFIX.length, -SUFFIX.length)
  return BASE64.test(base64) ? Buffer.from(base64, 'base64').toString('utf8') : undefined
}
