import type { Json, JsonObject } from '@capfence/core'
import { visible } from './hidden-characters.ts'
import type { PinnedTools, ToolDefinition } from './tool-definition.ts'

/** One place in which two definitions differ. */
export interface DefinitionChange {
  /** RFC 6901 pointer into the definition. */
  readonly path: string
  /** Undefined where it was not there. */
  readonly before: Json | undefined
  /** Undefined where it is there no longer. */
  readonly after: Json | undefined
}

/** How what a server lists differs from what was pinned. */
export type ToolChange =
  | { readonly kind: 'added' | 'removed'; readonly tool: string }
  | { readonly kind: 'changed'; readonly tool: string; readonly changes: readonly DefinitionChange[] }

/** Every place in which a definition differs from another, in the order of its members. */
export function definitionChanges(before: ToolDefinition, after: ToolDefinition): readonly DefinitionChange[] {
  return differences('', before.said, after.said)
}

/** What became of a server's tools since they were pinned, by the names of the tools. */
export function compareTools(pinned: PinnedTools, listed: PinnedTools): readonly ToolChange[] {
  const names = [...new Set([...pinned.keys(), ...listed.keys()])].toSorted()
  return names.flatMap((tool): readonly ToolChange[] => {
    const [before, after] = [pinned.get(tool), listed.get(tool)]
    if (before === undefined) return [{ kind: 'added', tool }]
    if (after === undefined) return [{ kind: 'removed', tool }]
    return before.hash === after.hash ? [] : [{ kind: 'changed', tool, changes: definitionChanges(before, after) }]
  })
}

/** Changes for people, a line each side of each; what does not show by itself is made visible. */
export function changesText(changes: readonly DefinitionChange[]): string {
  return changes
    .flatMap(({ path, before, after }) => [
      `  ${visible(path)}`,
      ...(before === undefined ? [] : [`  - ${visible(JSON.stringify(before))}`]),
      ...(after === undefined ? [] : [`  + ${visible(JSON.stringify(after))}`]),
    ])
    .join('\n')
}

function differences(path: string, before: Json | undefined, after: Json | undefined): readonly DefinitionChange[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap((key) => differences(`${path}/${pointerPart(key)}`, member(before, key), member(after, key)))
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length)
    return Array.from({ length }, (_, index) =>
      differences(`${path}/${String(index)}`, at(before, index), at(after, index)),
    ).flat()
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function at(array: readonly Json[], index: number): Json | undefined {
  return array[index]
}

// RFC 6901 §3.
function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
