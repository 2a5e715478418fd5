import { type CapabilityPattern, covers, globMatches, segmentMatches } from '../../action/pattern.ts'
import type { Condition } from '../model.ts'
import type { WrittenRule } from './build-rule.ts'
import { type CanCoverDefault, defaultCapabilities } from './default-capabilities.ts'
import type { PolicyFile } from './load-files.ts'
import type { WrittenTool } from './parse-file.ts'
import { reachOf } from './sealed.ts'
import { type WorkBudget, workBudget } from './work-budget.ts'

/** The most characters of keys and patterns that are held against each other. */
const MAX_WORK = 20_000_000
/** What holding a pattern against a key costs whatever their length. */
const PAIR = 16

/** What a file's rules say of tools that it does not name. */
interface Guarding {
  readonly file: PolicyFile
  readonly reach: ReadonlySet<PolicyFile>
  /** Keys of `tools` of the file and of all that it extends. */
  readonly keys: ReadonlySet<string>
  readonly globs: readonly string[]
  /** Rules that stop, less the patterns that cannot be about a default capability. */
  readonly stopping: readonly Patterned[]
  readonly bounding: readonly WrittenRule[]
}

interface Patterned {
  readonly written: WrittenRule
  readonly patterns: readonly CapabilityPattern[]
}

/**
 * Tells entries of `tools` that would get round a rule of another file: that file judged the tool by its default
 * capability, or its amount by the argument `amount`, and knows nothing of the entry. Files that extend the entry's own
 * file do know it.
 */
export function checkLoosening(files: readonly PolicyFile[]): void {
  if (files.length < 2 || files.every((file) => file.tools.length === 0)) return
  const guarding = files.map(guardingOf).filter(({ stopping, bounding }) => stopping.length + bounding.length > 0)
  const budget = workBudget(MAX_WORK)
  for (const file of files) {
    const others = guarding.filter(({ reach }) => !reach.has(file))
    if (others.length === 0) continue
    for (const tool of file.tools) {
      const fault = faultOf(tool, others, budget)
      if (fault !== undefined) tool.findings.add(tool.spot, fault)
      if (!budget.spend(0)) return
    }
  }
}

function guardingOf(file: PolicyFile): Guarding {
  const reach = reachOf(file)
  const keys = new Set([...reach].flatMap(({ tools }) => tools.map(({ key }) => key)))
  return {
    file,
    reach,
    keys,
    globs: [...keys].filter((key) => key.includes('*')),
    stopping: file.rules.filter(({ effect }) => effect !== 'allow').flatMap(aboutDefaults),
    bounding: file.rules.filter(({ rule }) => boundsAmount(rule.conditions)),
  }
}

function aboutDefaults(written: WrittenRule): readonly Patterned[] {
  const patterns = written.rule.patterns.filter((pattern) => {
    const resource = pattern.slice(0, pattern.indexOf('.'))
    return segmentMatches(resource, 'tool') || segmentMatches(resource, 'mcp')
  })
  return patterns.length === 0 ? [] : [{ written, patterns }]
}

function boundsAmount(conditions: readonly Condition[]): boolean {
  return conditions.some(
    (condition) => condition.kind === 'amount' || (condition.kind === 'unless' && boundsAmount(condition.conditions)),
  )
}

function faultOf(tool: WrittenTool, others: readonly Guarding[], budget: WorkBudget): string | undefined {
  const canCover = defaultCapabilities(tool.key)
  for (const other of others) {
    if (isKnown(tool.key, other, budget)) continue
    const passed = passedRule(tool, other, { canCover, budget }) ?? repointedRule(tool, other, budget)
    if (!budget.spend(0)) return 'too many tools and rules of several files to hold against each other'
    if (passed !== undefined) return passed
  }
  return undefined
}

// A key of the other file's own, or a name that a glob of its own covers: it is there with all that it says.
function isKnown(key: string, { keys, globs }: Guarding, budget: WorkBudget): boolean {
  if (keys.has(key)) return true
  if (key.includes('*')) return false
  return budget.spend(globs.length * PAIR) && globs.some((glob) => globMatches(glob, key))
}

interface Check {
  readonly canCover: CanCoverDefault
  readonly budget: WorkBudget
}

function passedRule(tool: WrittenTool, other: Guarding, { canCover, budget }: Check): string | undefined {
  const { key, binding } = tool
  const hit = other.stopping.find(({ written, patterns }) => {
    const about = patterns.some(
      (pattern) => budget.spend(PAIR + pattern.length * (key.includes('*') ? key.length : 1)) && canCover(pattern),
    )
    return about && !coversSurely(written, binding.capability, budget)
  })
  if (hit === undefined) return undefined
  const rule = ruleOf(hit.written, other)
  return `\`${key}\` would get round ${rule}, which covers the tool as long as \`tools\` does not name it: name it in that file, or write the rule for \`${binding.capability}\` too`
}

function repointedRule({ key, binding }: WrittenTool, other: Guarding, budget: WorkBudget): string | undefined {
  if (binding.amount === undefined || binding.amount === 'amount') return undefined
  const hit = other.bounding.find((written) => coversSurely(written, binding.capability, budget))
  if (hit === undefined) return undefined
  return `\`${key}\` would point ${ruleOf(hit, other)} at another amount than the argument \`amount\`: name the tool in that file`
}

function coversSurely({ effect, rule }: WrittenRule, capability: string, budget: WorkBudget): boolean {
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  return rule.patterns.some((pattern) => budget.spend(PAIR + pattern.length) && covers(pattern, capability, reach))
}

function ruleOf({ rule }: WrittenRule, { file }: Guarding): string {
  const id = file.name !== undefined && !rule.id.startsWith(`${file.name}:`) ? `${file.name}: ${rule.id}` : rule.id
  return `the rule \`${id}\``
}
