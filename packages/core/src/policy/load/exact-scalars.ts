import { decimal, decimalOfNumber, compareDecimals } from '../../facts/decimal.ts'
import type { Findings } from './findings.ts'
import type { SourceEntry, SourceMap, SourceNode, SourceScalar } from './source-node.ts'

/** The rule lists: what in them is kept digit by digit differs from place to place. */
const LISTS: ReadonlySet<string> = new Set(['deny', 'require_approval', 'allow'])
const BOUNDS: ReadonlySet<string> = new Set(['gt', 'gte', 'lt', 'lte'])

/**
 * Tells scalars that would not mean what they seem to: a number that would be rounded, outside the bounds that keep
 * their digits, and a block text that would be looked for together with the line end behind it.
 */
export function checkScalars(root: SourceMap, findings: Findings): void {
  for (const [key, { value }] of root.entries) {
    if (!LISTS.has(key) || value.kind !== 'list') checkAll(value, findings)
    else for (const rule of value.items) checkBlock(rule, findings)
  }
}

// A rule, or the conditions of `unless`.
function checkBlock(block: SourceNode, findings: Findings): void {
  if (block.kind !== 'map') {
    checkAll(block, findings)
    return
  }
  for (const [key, { value }] of block.entries) {
    if (key === 'unless') checkBlock(value, findings)
    else if (key === 'args') checkArgsScalars(value, findings)
    else if (key === 'limit') checkLimit(value, findings)
    // An example's argument may well end in a line end, and a reason is trimmed.
    else if (key === 'examples' || key === 'reason') checkNumbers(value, findings)
    else if (!key.startsWith('amount_') || value.kind !== 'scalar') checkAll(value, findings)
  }
}

/** As `checkScalars`, for a block of `args` alone. */
export function checkArgsScalars(args: SourceNode, findings: Findings): void {
  eachEntry(args, (_, matcher) => checkMatcher(matcher, findings))
}

function checkLimit(limit: SourceNode, findings: Findings): void {
  if (limit.kind !== 'map') checkAll(limit, findings)
  else
    eachEntry(limit, (key, value) => (key === 'max' && value.kind === 'scalar' ? undefined : checkAll(value, findings)))
}

function checkMatcher(matcher: SourceNode, findings: Findings): void {
  if (matcher.kind !== 'map') {
    checkAll(matcher, findings)
    return
  }
  eachEntry(matcher, (operator, operand) => {
    if (!BOUNDS.has(operator) || operand.kind !== 'scalar') checkAll(operand, findings)
  })
}

function eachEntry(node: SourceNode, visit: (key: string, value: SourceNode) => void): void {
  if (node.kind === 'map') for (const [key, { value }] of node.entries) visit(key, value)
}

function checkAll(node: SourceNode, findings: Findings): void {
  eachScalar(node, (scalar) => tell(scalar, roundFault(scalar) ?? lineEndFault(scalar), findings))
}

function checkNumbers(node: SourceNode, findings: Findings): void {
  eachScalar(node, (scalar) => tell(scalar, roundFault(scalar), findings))
}

function eachScalar(node: SourceNode, visit: (scalar: SourceScalar) => void): void {
  if (node.kind === 'scalar') visit(node)
  else if (node.kind === 'list') for (const item of node.items) eachScalar(item, visit)
  else for (const { value } of valuesOf(node)) eachScalar(value, visit)
}

function valuesOf(node: SourceMap): Iterable<SourceEntry> {
  return node.entries.values()
}

function tell({ spot }: SourceScalar, fault: string | undefined, findings: Findings): void {
  if (fault !== undefined) findings.add(spot, fault)
}

function roundFault({ value, text }: SourceScalar): string | undefined {
  if (typeof value !== 'number') return undefined
  const written = decimal(text)
  if (written !== undefined && compareDecimals(written, decimalOfNumber(value)) === 0) return undefined
  return `\`${text.slice(0, 40)}\` would be read as ${String(value)}: write that, or quote it to mean the text`
}

function lineEndFault({ value, isBlock }: SourceScalar): string | undefined {
  if (isBlock !== true || typeof value !== 'string' || !/[\n\r]$/.test(value)) return undefined
  return 'this text ends in a new line: write `|-`, or quote it'
}
