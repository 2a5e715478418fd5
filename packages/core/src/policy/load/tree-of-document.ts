import { isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Pair, type Scalar, type YAMLMap } from 'yaml'
import type { Findings } from './findings.ts'
import type { SourceEntry, SourceMap, SourceNode, SourceScalar, Spot } from './source-node.ts'
import { spotOf } from './yaml-tokens.ts'

interface Tree {
  readonly findings: Findings
  spot(node: unknown, nearby: Spot): Spot
}

/** What to say of a document whose root is no mapping. */
export interface Wanted {
  readonly empty: string
  readonly other: string
}

interface Reading {
  readonly lines: LineCounter
  readonly findings: Findings
  readonly wanted: Wanted
}

/** The tree of a document whose root is a mapping. A scalar or key that is refused is told, and reading goes on. */
export function treeOf(contents: unknown, { lines, findings, wanted }: Reading): SourceMap | undefined {
  const spot = (node: unknown, nearby: Spot): Spot => {
    const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
    return Array.isArray(range) ? spotOf(lines, Number(range[0])) : nearby
  }
  const root = nodeOf(contents, { findings, spot }, { line: 1, column: 1 })
  if (root.kind === 'map') return root
  const empty = root.kind === 'scalar' && root.value === null
  findings.add(root.spot, empty ? wanted.empty : wanted.other)
  return undefined
}

// Recursion is bounded: the tokens were counted before.
function nodeOf(node: unknown, tree: Tree, nearby: Spot): SourceNode {
  const spot = isNothing(node) ? nearby : tree.spot(node, nearby)
  if (isMap(node)) return mapOf(node, tree, spot)
  if (isSeq(node)) return { kind: 'list', spot, items: node.items.map((item) => nodeOf(item, tree, spot)) }
  if (isScalar(node)) return scalarOf(node, tree, spot)
  // An alias was told already; read as the text that was meant, it makes no second error.
  const text = isAlias(node) ? `*${node.source}` : ''
  return { kind: 'scalar', spot, value: isAlias(node) ? text : null, text }
}

// `deny:` with nothing after it: its place is the key.
function isNothing(node: unknown): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === ''
}

function mapOf(map: YAMLMap, tree: Tree, spot: Spot): SourceMap {
  const entries = new Map<string, SourceEntry>()
  for (const pair of map.items) {
    if (!isPair(pair)) continue
    const keySpot = tree.spot(pair.key, spot)
    const key = keyOf(pair, tree, keySpot)
    const first = key === undefined ? undefined : entries.get(key)?.keySpot
    if (first !== undefined)
      tree.findings.add(keySpot, `the key \`${String(key)}\` stands twice (first in line ${String(first.line)})`)
    else if (key !== undefined) entries.set(key, { keySpot, value: nodeOf(pair.value, tree, keySpot) })
  }
  return { kind: 'map', spot, entries }
}

function keyOf(pair: Pair, tree: Tree, spot: Spot): string | undefined {
  const { key } = pair
  if (isAlias(key)) return `*${key.source}` // told already
  const plain = isScalar(key) && key.type === 'PLAIN'
  if (plain && key.value === '<<') {
    tree.findings.add(spot, '`<<` is a YAML merge key, and a policy has none: write the keys out')
    return undefined
  }
  if (!isScalar(key) || typeof key.value !== 'string') {
    tree.findings.add(spot, 'a key is a text: quote it')
    return undefined
  }
  if (key.value.includes('\0') || !key.value.isWellFormed()) {
    tree.findings.add(spot, 'a key holds neither NUL nor half a surrogate pair')
    return undefined
  }
  return key.value
}

const PLAIN_DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
/** The most digits before and behind the point, as in a decimal that is quoted. */
const MAX_DIGITS = 100

function scalarOf(scalar: Scalar, tree: Tree, spot: Spot): SourceScalar {
  const { value, source: text = '' } = scalar
  const fault = typeof value === 'number' ? numberFault(text, value) : otherFault(value)
  if (fault !== undefined) {
    tree.findings.add(spot, `\`${text.slice(0, 40)}\` ${fault}`)
    // Told; of its own type still, so that it is told once.
    const isNumber = typeof value === 'number'
    return { kind: 'scalar', spot, value: isNumber ? 0 : 'x', text: isNumber ? '0' : 'x' }
  }
  const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED'
  const kept = value === 0 ? 0 : (value as SourceScalar['value']) // checked above
  return { kind: 'scalar', spot, value: kept, text, ...(isBlock ? { isBlock } : {}) }
}

function otherFault(value: unknown): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'holds half a surrogate pair'
  return typeof value === 'boolean' || value === null ? undefined : 'is no JSON value'
}

function numberFault(text: string, value: number): string | undefined {
  if (!PLAIN_DECIMAL.test(text)) return 'is not a plain decimal number: write it out, or quote it to mean the text'
  if (!text.includes('.') && !Number.isSafeInteger(value)) return 'is beyond 2^53 and would not stay exact: quote it'
  if (
    text
      .replace('-', '')
      .split('.')
      .some((digits) => digits.length > MAX_DIGITS)
  ) {
    return `has more than ${String(MAX_DIGITS)} digits before or behind its point`
  }
  return Number.isFinite(value) ? undefined : 'is too large: quote it'
}
