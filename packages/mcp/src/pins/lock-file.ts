import { CapFenceError } from '@capfence/core'
import { parseMessage } from '../gate/parse-message.ts'
import { type PinnedTools, toolDefinition } from './tool-definition.ts'

/** The pinned tools of each server, by your name for it. */
export type Lock = ReadonlyMap<string, PinnedTools>

const VERSION = 1
const MAX_LOCK_BYTES = 16 * 1024 * 1024

/**
 * Reads a lock file. `OPTION_INVALID` for whatever `lockText` does not write: a wrong lock must not pass for one that
 * pins less.
 */
export function parseLock(text: string): Lock {
  const parsed = parseMessage(text, MAX_LOCK_BYTES)
  if (parsed.kind === 'refused') throw wrong('it is not JSON without repeated keys')
  const { v, servers } = exactly(parsed.message, ['v', 'servers'], 'the file')
  if (v !== VERSION) throw wrong('`v` is not 1')
  return new Map(members(servers, '`servers`').map(([name, server]) => [name, pinned(name, server)]))
}

/** A lock file as text: sorted, and the same for the same lock. */
export function lockText(lock: Lock): string {
  const servers = sorted(lock).map(
    ([name, tools]) =>
      [
        name,
        { tools: fromEntries(sorted(tools).map(([tool, { hash, said }]) => [tool, { hash, definition: said }])) },
      ] as const,
  )
  return `${JSON.stringify({ v: VERSION, servers: fromEntries(servers) }, undefined, 2)}\n`
}

function pinned(name: string, server: unknown): PinnedTools {
  const where = `the server \`${name.slice(0, 80)}\``
  const { tools } = exactly(server, ['tools'], where)
  return new Map(
    members(tools, `\`tools\` of ${where}`).map(([tool, entry]) => {
      const { hash, definition } = exactly(
        entry,
        ['hash', 'definition'],
        `the tool \`${tool.slice(0, 80)}\` of ${where}`,
      )
      const read = toolDefinition(definition)
      if (read?.name !== tool)
        throw wrong(`the tool \`${tool.slice(0, 80)}\` of ${where} has another tool's definition`)
      if (read.hash !== hash)
        throw wrong(`the tool \`${tool.slice(0, 80)}\` of ${where} does not have the hash that is written there`)
      return [tool, read]
    }),
  )
}

function members(value: unknown, what: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${what} is not an object`)
  return Object.entries(value)
}

function exactly<Key extends string>(
  value: unknown,
  keys: readonly Key[],
  what: string,
): Readonly<Record<Key, unknown>> {
  const found = members(value, what)
  const isExact = found.length === keys.length && keys.every((key) => found.some(([name]) => name === key))
  if (!isExact) throw wrong(`${what} has other members than ${keys.map((key) => `\`${key}\``).join(', ')}`)
  return Object.fromEntries(found) as Record<Key, unknown> // checked above
}

function sorted<Value>(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
}

// A null prototype, so that `__proto__` is a name like any other.
function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = Object.create(null) as Record<string, unknown>
  for (const [key, value] of entries) object[key] = value
  return object
}

function wrong(why: string): CapFenceError {
  return new CapFenceError('OPTION_INVALID', `the lock file cannot be read: ${why}; write it anew`)
}
