import { asciiLower } from '../../action/capability.ts'
import { capabilityPattern, type Reach } from '../../action/pattern.ts'
import type { Json } from '../../kernel/json.ts'
import { argPath } from '../arg-path.ts'
import type { ArgTest, Comparison, Condition, ContextField, DecimalText } from '../model.ts'
import { meaningConditions } from './build-meaning.ts'
import { many } from './many.ts'
import type { RawConditions } from './raw-policy.ts'
import { jsonOf, type SourceMap, type SourceNode } from './source-node.ts'
import { durationMs } from './texts.ts'

const FIELDS = ['actor', 'session', 'environment', 'tenant', 'user_role', 'tool'] as const satisfies ContextField[]
const COMPARISONS = ['gt', 'gte', 'lt', 'lte'] as const satisfies Comparison[]

/** Conditions that passed their schema, in an order that does not depend on the order they were written in. */
export function buildConditions(raw: RawConditions, node: SourceMap, reach: Reach): readonly Condition[] {
  return [
    ...contextConditions(raw),
    ...riskConditions(raw),
    ...depthConditions(raw),
    ...meaningConditions(raw),
    ...amountConditions(node),
    ...argsConditions(node),
    ...(raw.args_only === undefined ? [] : [{ kind: 'args_only', names: raw.args_only } as const]),
    ...afterCondition(raw, reach),
    ...unlessCondition(raw, node, reach),
  ]
}

function contextConditions(raw: RawConditions): readonly Condition[] {
  return FIELDS.flatMap((field) => {
    const globs = raw[field]
    if (globs === undefined) return []
    // An event's environment is folded, so a glob that is not would never match.
    const folded = many(globs).map((glob) => (field === 'environment' ? asciiLower(glob) : glob))
    return [{ kind: 'context', field, globs: folded } as const]
  })
}

function riskConditions(raw: RawConditions): readonly Condition[] {
  const any = raw.risk === undefined ? [] : [{ kind: 'risk', levels: many(raw.risk) } as const]
  const least = raw.risk_at_least === undefined ? [] : [{ kind: 'risk_at_least', level: raw.risk_at_least } as const]
  return [...any, ...least]
}

function depthConditions(raw: RawConditions): readonly Condition[] {
  return COMPARISONS.flatMap((op) => {
    const value = raw[`caller_depth_${op}`]
    return value === undefined ? [] : [{ kind: 'caller_depth', op, value } as const]
  })
}

function amountConditions(node: SourceMap): readonly Condition[] {
  return ([...COMPARISONS, 'eq'] as const).flatMap((op) => {
    const entry = node.entries.get(`amount_${op}`)
    return entry === undefined ? [] : [{ kind: 'amount', op, value: decimalOf(entry.value) } as const]
  })
}

function argsConditions(node: SourceMap): readonly ArgsCondition[] {
  const args = node.entries.get('args')?.value
  return args?.kind === 'map' ? buildArgs(args) : []
}

type ArgsCondition = Extract<Condition, { kind: 'args' }>

/** The conditions of a block of `args` that passed its schema. */
export function buildArgs(args: SourceMap): readonly ArgsCondition[] {
  return [...args.entries].map(([path, { value }]) => ({ kind: 'args', path: argPath(path), tests: testsOf(value) }))
}

function afterCondition({ after }: RawConditions, reach: Reach): readonly Condition[] {
  if (after === undefined) return []
  const patterns = new Set(many(after.capability).map((text) => capabilityPattern(text, reach)))
  return [{ kind: 'after', patterns: [...patterns], withinMs: durationMs(after.within) ?? 0, by: after.by }]
}

function unlessCondition(raw: RawConditions, node: SourceMap, reach: Reach): readonly Condition[] {
  const block = node.entries.get('unless')?.value
  if (raw.unless === undefined || block?.kind !== 'map') return []
  return [{ kind: 'unless', conditions: buildConditions(raw.unless, block, reach === 'wide' ? 'narrow' : 'wide') }]
}

function testsOf(matcher: SourceNode): readonly ArgTest[] {
  if (matcher.kind === 'scalar') return [{ op: 'eq', value: matcher.value }]
  if (matcher.kind === 'list') return [{ op: 'in', values: matcher.items.map(jsonOf) }]
  return OPERATORS.flatMap((op) => {
    const operand = matcher.entries.get(op)?.value
    return operand === undefined ? [] : [testOf(op, operand)]
  })
}

// prettier-ignore
const OPERATORS = [
  'eq', 'ne', 'in', 'not_in', 'gt', 'gte', 'lt', 'lte', 'contains', 'starts_with', 'ends_with', 'glob', 'matches',
  'type', 'length_lte', 'present',
] as const satisfies ArgTest['op'][]

// The schema has checked each operand's type; the casts repeat what it said.
function testOf(op: ArgTest['op'], operand: SourceNode): ArgTest {
  switch (op) {
    case 'in':
    case 'not_in':
      return { op, values: listOf(operand).map(jsonOf) }
    case 'type':
      return { op, types: listOf(operand).map(jsonOf) as Extract<ArgTest, { op: 'type' }>['types'] }
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return { op, value: decimalOf(operand) }
    default:
      return scalarTest(op, jsonOf(operand))
  }
}

type ScalarOp = Exclude<ArgTest['op'], 'in' | 'not_in' | 'type' | Comparison>

function scalarTest(op: ScalarOp, operand: Json): ArgTest {
  switch (op) {
    case 'eq':
    case 'ne':
      return { op, value: operand }
    case 'length_lte':
      return { op, value: operand as number }
    case 'present':
      return { op, value: operand as boolean }
    default:
      return { op, text: operand as string }
  }
}

function listOf(node: SourceNode): readonly SourceNode[] {
  return node.kind === 'list' ? node.items : [node]
}

/** The digits as written: a decimal never passes through a double. */
export function decimalOf(node: SourceNode): DecimalText {
  if (node.kind !== 'scalar') return '0'
  const text = typeof node.value === 'number' ? node.text : String(node.value)
  return /^-0(?:\.0+)?$/.test(text) ? text.slice(1) : text
}
