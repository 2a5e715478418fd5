import { foldedName } from '../gate/member-names.ts'
import { definitionChanges, type DefinitionChange } from './definition-diff.ts'
import { type HiddenCharacter, hiddenCharacters } from './hidden-characters.ts'
import type { Lock } from './lock-file.ts'
import { type PinnedTools, type ToolDefinition, toolDefinition } from './tool-definition.ts'

/** Something that a person should know of what a server says of its tools. */
export type ToolFinding =
  | { readonly kind: 'changed'; readonly tool: string; readonly changes: readonly DefinitionChange[] }
  | { readonly kind: 'not_pinned'; readonly tool: string }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'hidden_characters'; readonly tool: string; readonly characters: readonly HiddenCharacter[] }

/** How the tools of one server are pinned. */
export interface ToolPinsOptions {
  /** Your name for the server, as in `McpOptions`. */
  readonly server: string
  /**
   * What is pinned, read from a lock file: tools that it does not name may not run. Without one, each tool is pinned
   * at first sight, for as long as these pins live; share them between the connections of a server.
   */
  readonly lock?: Lock
  /**
   * Without a lock, lets tools run that were not listed yet; not where they are written almost like one that was, for a
   * server that is lenient may take them for that one.
   */
  readonly allowsUnlisted?: boolean
  /** Told of each finding once. */
  readonly onFinding?: (finding: ToolFinding) => void
}

/** Holds what a server says of its tools against what it said when they were pinned. */
export interface ToolPins {
  /** Takes definitions as the server lists them; gives those that the client may see. */
  readonly listed: (tools: readonly unknown[]) => readonly unknown[]
  /** Why no call of the tool may run now, whatever the policy says; undefined where nothing speaks against it. */
  readonly objection: (tool: string) => string | undefined
  /** Pins what the server said last of a tool: a person has read the change and takes it. */
  readonly repin: (tool: string) => void
  /** What is pinned now, for a lock file. */
  readonly pinned: () => PinnedTools
}

/** Pins for one server. A change of a definition is denied until it is pinned, and told: no silent rug pull. */
export function toolPins({ server, lock, allowsUnlisted = false, onFinding }: ToolPinsOptions): ToolPins {
  const isLocked = lock !== undefined
  const pinned = new Map<string, ToolDefinition>(lock?.get(server))
  /** What was listed last, of tools whose definition is not the pinned one. */
  const pending = new Map<string, ToolDefinition>()
  const folded = new Set([...pinned.keys()].map(foldedName))
  const told = new Set<string>()

  function pin(definition: ToolDefinition): void {
    pinned.set(definition.name, definition)
    folded.add(foldedName(definition.name))
  }

  function tell(key: string, finding: ToolFinding): void {
    if (told.has(key)) return
    if (told.size < MAX_TOLD) told.add(key)
    onFinding?.(finding)
  }

  function take(definition: ToolDefinition): void {
    const { name: tool, hash } = definition
    const characters = hiddenCharacters(definition)
    if (characters.length > 0) tell(`hidden ${hash}`, { kind: 'hidden_characters', tool, characters })
    if (!isLocked && !pinned.has(tool) && pinned.size < MAX_PINNED) pin(definition)
    const before = pinned.get(tool)
    if (before?.hash === hash) return
    pending.set(tool, definition)
    tell(
      `differs ${hash}`,
      before === undefined
        ? { kind: 'not_pinned', tool }
        : { kind: 'changed', tool, changes: definitionChanges(before, definition) },
    )
  }

  return {
    listed: (tools) => {
      const definitions = tools.map(toolDefinition)
      const known = definitions.filter((definition) => definition !== undefined)
      if (known.length < definitions.length) tell('unreadable', { kind: 'unreadable' })
      for (const { name } of known) pending.delete(name)
      // Of two definitions with one name both are taken, so that the second cannot hide behind the first.
      for (const definition of known) take(definition)
      return tools.filter((_tool, place) => {
        const name = definitions[place]?.name
        return name !== undefined && !pending.has(name)
      })
    },
    objection: (tool) => {
      if (pending.has(tool)) return pinned.has(tool) ? CHANGED : NOT_PINNED
      if (pinned.has(tool)) return undefined
      if (isLocked) return NOT_PINNED
      if (!allowsUnlisted) return NOT_LISTED
      return folded.has(foldedName(tool)) ? RESEMBLES : undefined
    },
    repin: (tool) => {
      const definition = pending.get(tool)
      if (definition === undefined) return
      pin(definition)
      pending.delete(tool)
    },
    pinned: () => new Map(pinned),
  }
}

const CHANGED = 'the server changed what it says of this tool since it was pinned; a person has to look at it'
const NOT_PINNED = 'nobody has pinned this tool; a person has to look at it'
const RESEMBLES = 'the server lists no such tool, but one that is written almost like it'
const NOT_LISTED = 'the server has not listed this tool yet; list the tools first'
// A server that lists ever new tools must not fill the memory.
const MAX_PINNED = 10_000
const MAX_TOLD = 10_000
