import type * as z from 'zod'
import { type Findings, MAX_FINDINGS } from './findings.ts'
import type { UnknownKeyNote } from './schema-parts.ts'
import { keyOf, keySpotAt, nodeAt, type NodePath, type SourceNode, spotAt, valueForSchema } from './source-node.ts'
import { didYouMean as nearestOf } from './suggest.ts'

type Issue = z.core.$ZodIssue

/** The most findings of a file that come with a suggestion: each is compared with all words that could be meant. */
const MAX_SUGGESTED = 50

/** A node that passed its schema, or undefined; what is wrong stands in `findings`, each at its own place. */
export function checkSchema<Value>(schema: z.ZodType<Value>, node: SourceNode, findings: Findings): Value | undefined {
  const result = schema.safeParse(valueForSchema(node))
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    if (findings.count() > MAX_FINDINGS) break
    tell(issue, [], { node, findings })
  }
  return undefined
}

interface Place {
  readonly node: SourceNode
  readonly findings: Findings
}

function tell(issue: Issue, above: NodePath, place: Place): void {
  const path = [...above, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys':
      tellUnknownKeys(issue.keys, path, { ...place, message: issue.message })
      return
    case 'invalid_union':
      tellUnion(issue, path, place)
      return
    case 'invalid_key':
      place.findings.add(keySpotAt(place.node, path), issue.issues[0]?.message ?? 'not a key')
      return
    default:
      place.findings.add(spotAt(place.node, path), messageOf(issue, path, place))
  }
}

function tellUnknownKeys(keys: readonly string[], path: NodePath, place: Place & { readonly message: string }): void {
  const known = JSON.parse(place.message) as UnknownKeyNote // written by `closed`, the only maker of this issue
  for (const seen of keys) {
    if (place.findings.count() > MAX_FINDINGS) return
    const key = keyOf(seen)
    const note = Object.hasOwn(known.notes, key) ? known.notes[key] : undefined
    const shown = key.length <= 60 ? key : `${key.slice(0, 59)}…`
    const message =
      note === undefined
        ? `unknown key \`${shown}\`${didYouMean(key, known.keys, place.findings)}`
        : `\`${key}\` ${note}`
    place.findings.add(keySpotAt(place.node, [...path, seen]), message)
  }
}

// A union's mistake is told by the branch that was meant: the one whose own type fits.
function tellUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: NodePath, place: Place): void {
  const isScalar = nodeAt(place.node, path)?.kind === 'scalar'
  const meant = issue.errors.find((branch) => branch.every((inner) => inner.path.length > 0 || fits(inner, isScalar)))
  if (meant !== undefined) {
    for (const inner of meant) tell(inner, path, place)
    return
  }
  const expected = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_type' ? [kindOf(inner.expected)] : []))
    .concat(issue.errors.flat().some(({ code }) => code === 'invalid_value') ? [kindOf('string')] : [])
  place.findings.add(spotAt(place.node, path), wrongType(path, place.node, [...new Set(expected)].join(' or ')))
}

// Of its own type: a choice of words is meant by a word, and not by a list or by nothing.
function fits({ code }: Issue, isScalar: boolean): boolean {
  return code !== 'invalid_type' && (code !== 'invalid_value' || isScalar)
}

function messageOf(issue: Issue, path: NodePath, place: Place): string {
  switch (issue.code) {
    case 'custom':
      return issue.message
    case 'invalid_type':
      return wrongType(path, place.node, kindOf(issue.expected))
    case 'invalid_value':
      return wrongChoice(path, place, issue.values.map(String))
    case 'too_small':
      return issue.origin === 'array'
        ? `${nameOf(path)} is an empty list`
        : `${nameOf(path)} is less than ${String(issue.minimum)}`
    case 'too_big':
      return `${nameOf(path)} is more than ${String(issue.maximum)}`
    default:
      return `${nameOf(path)}: ${issue.message.toLowerCase()}`
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
}

function kindOf(expected: string): string {
  return KINDS[expected] ?? expected
}

function wrongType(path: NodePath, root: SourceNode, expected: string): string {
  const node = nodeAt(root, path)
  if (node === undefined) return `${nameOf(path)} is missing`
  return `${nameOf(path)} is ${foundKind(node)}; expected ${expected}${hint(node, expected)}`
}

function wrongChoice(path: NodePath, { node: root, findings }: Place, values: readonly string[]): string {
  const node = nodeAt(root, path)
  if (node === undefined) return `${nameOf(path)} is missing`
  const word = node.kind === 'scalar' ? String(node.value) : undefined
  const shown = word === undefined ? foundKind(node) : JSON.stringify(word.slice(0, 60))
  const choices = values.map((value) => `\`${value}\``).join(', ')
  const list = values.length === 1 ? choices : `one of ${choices}`
  return `${nameOf(path)} is ${shown}; expected ${list}${word === undefined ? '' : didYouMean(word, values, findings)}`
}

function didYouMean(word: string, candidates: readonly string[], findings: Findings): string {
  return findings.count() < MAX_SUGGESTED ? nearestOf(word, candidates) : ''
}

function foundKind(node: SourceNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a mapping' : 'a list'
  if (node.value === null) return 'empty'
  return typeof node.value === 'string' ? 'a text' : `the ${typeof node.value} ${node.text.slice(0, 40)}`
}

function hint(node: SourceNode, expected: string): string {
  if (node.kind !== 'scalar') return ''
  const { value } = node
  if (expected === KINDS['boolean'] && typeof value === 'string' && /^(?:y|yes|n|no|on|off)$/i.test(value)) {
    return ` (in YAML 1.2, \`${value}\` is a text: write \`true\` or \`false\`)`
  }
  return expected === KINDS['string'] && value !== null ? ' (quote it)' : ''
}

/** The last key of a path, with the indexes after it. */
function nameOf(path: NodePath): string {
  const last = path.findLastIndex((step) => typeof step === 'string')
  if (last === -1) return path.length === 0 ? 'this' : `this[${path.map(String).join('][')}]`
  const indexes = path.slice(last + 1).map((step) => `[${String(step)}]`)
  return `\`${keyOf(String(path[last]))}${indexes.join('')}\``
}
