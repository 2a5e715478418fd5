import type { Json } from '../../kernel/json.ts'

/** A place in a text; both count from 1. */
export interface Spot {
  readonly line: number
  readonly column: number
}

/** A piece of a policy as written: its value, and where it stands. */
export type SourceNode = SourceMap | SourceList | SourceScalar

/** A mapping; its keys are texts, each once. */
export interface SourceMap {
  readonly kind: 'map'
  readonly spot: Spot
  readonly entries: ReadonlyMap<string, SourceEntry>
}

export interface SourceEntry {
  readonly keySpot: Spot
  readonly value: SourceNode
}

interface SourceList {
  readonly kind: 'list'
  readonly spot: Spot
  readonly items: readonly SourceNode[]
}

export interface SourceScalar {
  readonly kind: 'scalar'
  readonly spot: Spot
  readonly value: string | number | boolean | null
  /** What was written: the digits of a number, so that no decimal passes through a double. */
  readonly text: string
  /** True for a text after `|` or `>`, which ends in a line end that nobody sees. */
  readonly isBlock?: true
}

/** A way down into a node: keys and indexes. */
export type NodePath = readonly PropertyKey[]

/** The node at a path, or undefined where there is none. */
export function nodeAt(node: SourceNode, path: NodePath): SourceNode | undefined {
  let found: SourceNode | undefined = node
  for (const step of path) {
    if (found?.kind === 'map') found = found.entries.get(keyOf(String(step)))?.value
    else if (found?.kind === 'list') found = found.items[Number(step)]
    else return undefined
  }
  return found
}

/** Where a path stands, or the nearest place above it. */
export function spotAt(node: SourceNode, path: NodePath): Spot {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(node, path.slice(0, length))
    if (found !== undefined) return found.spot
  }
  return node.spot
}

/** Where a key stands, or the nearest place above it. */
export function keySpotAt(node: SourceNode, path: NodePath): Spot {
  const parent = nodeAt(node, path.slice(0, -1))
  const entry = parent?.kind === 'map' ? parent.entries.get(keyOf(String(path.at(-1)))) : undefined
  return entry?.keySpot ?? spotAt(node, path)
}

// zod drops a record's `__proto__`, so there it goes under a name that no policy can write: keys hold no NUL.
const PROTO = '__proto__'
const STAND_IN = `\0${PROTO}`

/** The value as zod shall see it. */
export function valueForSchema(node: SourceNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(valueForSchema)
    case 'map':
      return Object.fromEntries(
        [...node.entries].map(([key, { value }]) => [key === PROTO ? STAND_IN : key, valueForSchema(value)]),
      )
    default:
      return node satisfies never
  }
}

/** The key as written, from what zod saw. */
export function keyOf(key: string): string {
  return key === STAND_IN ? PROTO : key
}

/** The value as JSON; `__proto__` is a name like any other. */
export function jsonOf(node: SourceNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(jsonOf)
    case 'map':
      // `fromEntries` defines, so `__proto__` becomes a property and never a prototype.
      return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, jsonOf(value)]))
    default:
      return node satisfies never
  }
}
