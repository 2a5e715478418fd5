import { type CapabilityPattern, capabilityPattern, covers, type Reach } from '../../action/pattern.ts'
import type { ToolBinding } from '../../action/tool-binding.ts'
import { argPath } from '../arg-path.ts'
import { BOUND_BY_DEFAULT, boundNamesOf, TEXT_OPERATORS } from '../bound-arguments.ts'
import type { RuleText } from './build-rule.ts'
import type { Findings } from './findings.ts'
import type { SourceMap, SourceNode, Spot } from './source-node.ts'
import { checkArgPath, checkPattern } from './texts.ts'
import { type WorkBudget, workBudget } from './work-budget.ts'

/** The most capabilities and names that are held against rules. */
const MAX_WORK = 1_000_000

/**
 * Tells text operators on an argument that is a command, SQL, a path or a URL where being true lets through: that a
 * text is found in one proves nothing about what it does. That is in `allow`, and in `unless` of the other lists.
 */
export function checkTextOperators(written: RuleText, bound: BoundArguments): void {
  const { effect, node, findings } = written
  let block: SourceNode | undefined = node
  for (let letsThrough = effect === 'allow'; block?.kind === 'map'; letsThrough = !letsThrough) {
    if (letsThrough) tellIn(block, () => boundNames(written, bound), findings)
    block = valueOf(block, 'unless')
  }
}

function tellIn(block: SourceMap, boundNames: BoundNames, findings: Findings): void {
  const args = valueOf(block, 'args')
  if (args?.kind === 'map') tellTextOperators(args, boundNames, findings)
}

/** The names of arguments that are judged by their meaning; undefined where there are too many to find out. */
type BoundNames = () => ReadonlySet<string> | undefined

/** Tells text operators of a block of `args` on arguments that are judged by their meaning. */
export function tellTextOperators(args: SourceMap, boundNames: BoundNames, findings: Findings): void {
  let bound: ReadonlySet<string> | undefined
  for (const [path, { value: matcher }] of args.entries) {
    const name = firstName(path)
    if (matcher.kind !== 'map' || name === undefined) continue
    for (const { keySpot, operator } of textOperatorsOf(matcher)) {
      bound ??= boundNames()
      if (bound === undefined) {
        findings.add(keySpot, `too many tools and rules to find out whether \`${operator}\` may stand here`)
        return
      }
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

/** Names of arguments that hold a command, SQL, a path or a URL, by the capability of the tools that bind them. */
export interface BoundArguments {
  readonly namesByCapability: ReadonlyMap<string, ReadonlySet<string>>
  readonly namesByPattern: Map<string, ReadonlySet<string>>
  readonly budget: WorkBudget
}

/** What `tools` bind, ready to be asked by many rules. */
export function boundArguments(tools: ReadonlyMap<string, ToolBinding>): BoundArguments {
  const namesByCapability = new Map<string, Set<string>>()
  for (const binding of tools.values()) {
    const names = namesByCapability.get(binding.capability) ?? new Set()
    for (const name of boundNamesOf(binding)) names.add(name)
    if (names.size > 0) namesByCapability.set(binding.capability, names)
  }
  return { namesByCapability, namesByPattern: new Map(), budget: workBudget(MAX_WORK) }
}

// Undefined where there are too many tools and rules to find out.
function boundNames({ effect, node }: RuleText, bound: BoundArguments): ReadonlySet<string> | undefined {
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  const names = new Set<string>(BOUND_BY_DEFAULT)
  for (const pattern of patternsOf(node, reach)) {
    const found = namesUnder(pattern, reach, bound)
    if (found === undefined) return undefined
    for (const name of found) names.add(name)
  }
  return names
}

function namesUnder(
  pattern: CapabilityPattern,
  reach: Reach,
  { namesByCapability, namesByPattern, budget }: BoundArguments,
): ReadonlySet<string> | undefined {
  const key = `${reach} ${pattern}`
  const known = namesByPattern.get(key)
  if (known !== undefined) return budget.spend(known.size) ? known : undefined
  const names = new Set<string>()
  for (const [capability, some] of namesByCapability) {
    if (!budget.spend(1)) return undefined
    if (!covers(pattern, capability, reach)) continue
    if (!budget.spend(some.size)) return undefined
    for (const name of some) names.add(name)
  }
  namesByPattern.set(key, names)
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
