import { createHash } from 'node:crypto'
import { type Json, canonicalJson } from '@capfence/core'

/** What a server says of a tool: name, description, schemas, annotations, whatever a client may show to a model. */
export interface ToolDefinition {
  readonly name: string
  /** All that it says, but `_meta` and `icons`, which no model is shown. */
  readonly said: { readonly [member: string]: Json }
  /** SHA-256, in hex, over the RFC 8785 text of that. */
  readonly hash: string
}

/** Definitions by the names of their tools. */
export type PinnedTools = ReadonlyMap<string, ToolDefinition>

/** Reads a definition as `tools/list` gives it; undefined where it is none that could be held against another. */
export function toolDefinition(listed: unknown): ToolDefinition | undefined {
  if (typeof listed !== 'object' || listed === null || Array.isArray(listed)) return undefined
  const { _meta, icons: _icons, ...all } = listed as Readonly<Record<string, unknown>>
  try {
    const text = canonicalJson(all)
    const said = JSON.parse(text) as ToolDefinition['said'] // of an object, so it is one; and a copy
    const { name } = said
    if (typeof name !== 'string') return undefined
    return { name, said, hash: createHash('sha256').update(text).digest('hex') }
  } catch {
    return undefined // not JSON, too deep, or with a lone surrogate
  }
}

/** The definitions of a server's tools by name. The first of two with one name counts; the other is a change of it. */
export function pinnedTools(listed: readonly unknown[]): PinnedTools {
  const tools = new Map<string, ToolDefinition>()
  for (const each of listed) {
    const definition = toolDefinition(each)
    if (definition !== undefined && !tools.has(definition.name)) tools.set(definition.name, definition)
  }
  return tools
}
