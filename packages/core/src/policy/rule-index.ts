import { type CapabilityPattern, type Reach, segmentMatches } from '../action/pattern.ts'

/** Which of many patterns cover a capability: a trie by segment, so that what cannot match costs nothing. */
export interface RuleIndex<Item> {
  /** Every item with a pattern that covers the capability, once, in no particular order. */
  find(capability: string): ReadonlySet<Item>
}

/** An item under one of its patterns. */
export interface Indexed<Item> {
  readonly pattern: CapabilityPattern
  readonly reach: Reach
  readonly item: Item
}

interface Node<Item> {
  readonly byText: Map<string, Node<Item>>
  readonly byGlob: Map<string, Node<Item>>
  /** Items whose pattern ends here and covers what ends here. */
  readonly exact: Item[]
  /** Items whose pattern ends here and covers what ends here or deeper. */
  readonly deep: Item[]
}

/** Builds the index. The law is `covers`: an item is found where its pattern covers the capability, and only there. */
export function ruleIndex<Item>(entries: Iterable<Indexed<Item>>): RuleIndex<Item> {
  const root = node<Item>()
  for (const entry of entries) insert(root, entry)
  return {
    find: (capability) => {
      const found = new Set<Item>()
      let open = [root]
      const segments = capability.split('.')
      for (const [index, segment] of segments.entries()) {
        open = open.flatMap((each) => below(each, segment))
        const isLast = index === segments.length - 1
        for (const each of open) collect(found, each, isLast)
      }
      return found
    },
  }
}

function node<Item>(): Node<Item> {
  return { byText: new Map(), byGlob: new Map(), exact: [], deep: [] }
}

function insert<Item>(root: Node<Item>, { pattern, reach, item }: Indexed<Item>): void {
  const segments = pattern.split('.')
  const isAnyScope = segments.length === 3 && segments[2] === '*'
  let at = root
  for (const segment of isAnyScope ? segments.slice(0, 2) : segments) at = step(at, segment)
  if (isAnyScope || reach === 'wide') at.deep.push(item)
  else at.exact.push(item)
}

function step<Item>(from: Node<Item>, segment: string): Node<Item> {
  const children = segment.includes('*') ? from.byGlob : from.byText
  const known = children.get(segment)
  if (known !== undefined) return known
  const made = node<Item>()
  children.set(segment, made)
  return made
}

function below<Item>(from: Node<Item>, segment: string): readonly Node<Item>[] {
  const found: Node<Item>[] = []
  const exact = from.byText.get(segment)
  if (exact !== undefined) found.push(exact)
  for (const [glob, child] of from.byGlob) if (segmentMatches(glob, segment)) found.push(child)
  return found
}

function collect<Item>(found: Set<Item>, from: Node<Item>, isLast: boolean): void {
  for (const item of from.deep) found.add(item)
  if (isLast) for (const item of from.exact) found.add(item)
}
