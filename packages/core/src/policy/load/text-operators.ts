import { type CapabilityPattern, capabilityPattern, covers, type Reach } from '../../action/pattern.ts'
import type { ToolBinding } from '../../action/tool-binding.ts'
import { argPath } from '../arg-path.ts'
import type { RuleText } from './build-rule.ts'
import type { Findings } from './findings.ts'
import type { SourceMap, SourceNode, Spot } from './source-node.ts'
import { checkArgPath, checkPattern } from './texts.ts'

const TEXT_OPERATORS = ['contains', 'starts_with', 'ends_with', 'glob', 'matches'] as const
/** Arguments that are judged by their meaning for a tool that binds none of their kind. */
const BOUND_BY_DEFAULT = ['command', 'cmd', 'args', 'path', 'file_path', 'filename', 'url', 'uri'] as const

/**
 * Tells text operators on an argument that is a command, SQL, a path or a URL where being true lets through: that a
 * text is found in one proves nothing about what it does. That is in `allow`, and in `unless` of the other lists.
 */
export function checkTextOperators(written: RuleText, tools: ReadonlyMap<string, ToolBinding>): void {
  const { effect, node, findings } = written
  let block: SourceNode | undefined = node
  for (let letsThrough = effect === 'allow'; block?.kind === 'map'; letsThrough = !letsThrough) {
    if (letsThrough) tellIn(block, () => boundNames(written, tools), findings)
    block = valueOf(block, 'unless')
  }
}

function tellIn(block: SourceMap, boundNames: () => ReadonlySet<string>, findings: Findings): void {
  const args = valueOf(block, 'args')
  if (args?.kind !== 'map') return
  let bound: ReadonlySet<string> | undefined
  for (const [path, { value: matcher }] of args.entries) {
    const name = firstName(path)
    if (matcher.kind !== 'map' || name === undefined) continue
    for (const { keySpot, operator } of textOperatorsOf(matcher)) {
      bound ??= boundNames()
      if (!bound.has(name)) continue
      const where = `\`${name}\` is judged as a command, SQL, a path or a URL`
      findings.add(
        keySpot,
        `\`${operator}\` cannot stand where being true lets through: ${where}, and that a text is found in it proves nothing`,
      )
    }
  }
}

function firstName(path: string): string | undefined {
  const first = checkArgPath(path) === undefined ? argPath(path).steps[0] : undefined
  return first?.kind === 'key' ? first.key : undefined
}

function textOperatorsOf(matcher: SourceMap): readonly { readonly keySpot: Spot; readonly operator: string }[] {
  return TEXT_OPERATORS.flatMap((operator) => {
    const entry = matcher.entries.get(operator)
    return entry === undefined ? [] : [{ keySpot: entry.keySpot, operator }]
  })
}

function boundNames({ effect, node }: RuleText, tools: ReadonlyMap<string, ToolBinding>): ReadonlySet<string> {
  const names = new Set<string>(BOUND_BY_DEFAULT)
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  const patterns = patternsOf(node, reach)
  for (const { capability, command = [], sql = [], path = [], url = [] } of tools.values()) {
    if (!patterns.some((pattern) => covers(pattern, capability, reach))) continue
    for (const name of [...command, ...sql, ...path, ...url]) names.add(name)
  }
  return names
}

// Those that are patterns: the rule may be one that was told for something else.
function patternsOf(node: SourceMap, reach: Reach): readonly CapabilityPattern[] {
  const written = valueOf(node, 'capability')
  const items = written?.kind === 'list' ? written.items : written === undefined ? [] : [written]
  return items.flatMap((item) => {
    const text = item.kind === 'scalar' && typeof item.value === 'string' ? item.value : ''
    return checkPattern(reach)(text) === undefined ? [capabilityPattern(text, reach)] : []
  })
}

function valueOf(block: SourceMap, key: string): SourceNode | undefined {
  return block.entries.get(key)?.value
}
