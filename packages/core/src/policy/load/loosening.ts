import { type CapabilityPattern, covers, globMatches, type Reach, segmentMatches } from '../../action/pattern.ts'
import type { Condition } from '../model.ts'
import type { WrittenRule } from './build-rule.ts'
import { type CanCoverDefault, defaultCapabilities } from './default-capabilities.ts'
import type { PolicyFile } from './load-files.ts'
import { isPackName } from './packs.ts'
import type { WrittenTool } from './parse-file.ts'
import { type DefaultKind, defaultNamesText, kindsRead, repointedKind } from './repointing.ts'
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
  /** What stops by what a tool asks for. */
  readonly stopping: readonly Stopping[]
  readonly reading: readonly Reading[]
}

/** A rule that reads arguments under default names. */
interface Reading {
  readonly written: WrittenRule
  readonly kinds: ReadonlySet<DefaultKind>
}

/** Patterns of a rule that stops, or of an `after` whose being true stops. */
interface Stopping {
  readonly written: WrittenRule
  readonly what: 'rule' | 'after'
  readonly patterns: readonly CapabilityPattern[]
  /** Those that can be about a default capability. */
  readonly about: readonly CapabilityPattern[]
}

/**
 * Tells entries of `tools` that would get round a rule of another file: that file judged the tool by its default
 * capability, or its amount, command, path or URL by a default name, and knows nothing of the entry. Files that extend the entry's own
 * file do know it.
 */
export function checkLoosening(files: readonly PolicyFile[]): void {
  if (files.length < 2 || files.every((file) => file.tools.length === 0)) return
  const guarding = files
    .filter(({ name }) => !isPackName(name))
    .map(guardingOf)
    .filter(({ stopping, reading }) => stopping.length + reading.length > 0)
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
  // A pack knows no tools: what it says is said by who extends it, of the tools that they name.
  const rules = [file, ...file.bases.filter(({ name }) => isPackName(name))].flatMap((each) => each.rules)
  return {
    file,
    reach,
    keys,
    globs: [...keys].filter((key) => key.includes('*')),
    stopping: rules.flatMap(stoppingOf),
    reading: rules
      .map((written) => ({ written, kinds: kindsRead(written.rule) }))
      .filter(({ kinds }) => kinds.size > 0),
  }
}

function stoppingOf(written: WrittenRule): readonly Stopping[] {
  const { effect, rule } = written
  const own = effect === 'allow' ? [] : [{ what: 'rule', patterns: rule.patterns } as const]
  const afters = rule.conditions.flatMap((each) => wideAfters(each, effect === 'allow' ? 'narrow' : 'wide'))
  return [...own, ...afters.map((patterns) => ({ what: 'after', patterns }) as const)].flatMap(({ what, patterns }) => {
    const about = patterns.filter(isAboutDefaults)
    return about.length === 0 ? [] : [{ written, what, patterns, about }]
  })
}

function wideAfters(condition: Condition, reach: Reach): readonly (readonly CapabilityPattern[])[] {
  if (condition.kind === 'after') return reach === 'wide' ? [condition.patterns] : []
  if (condition.kind !== 'unless') return []
  return condition.conditions.flatMap((each) => wideAfters(each, reach === 'wide' ? 'narrow' : 'wide'))
}

function isAboutDefaults(pattern: CapabilityPattern): boolean {
  const resource = pattern.slice(0, pattern.indexOf('.'))
  return segmentMatches(resource, 'tool') || segmentMatches(resource, 'mcp')
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
  const hit = other.stopping.find(({ patterns, about }) => {
    const isAbout = about.some(
      (pattern) => budget.spend(PAIR + pattern.length * (key.includes('*') ? key.length : 1)) && canCover(pattern),
    )
    return isAbout && !coversSurely({ patterns, reach: 'wide' }, binding.capability, budget)
  })
  if (hit === undefined) return undefined
  const rule = ruleOf(hit.written, other)
  const [passed, remedy] =
    hit.what === 'rule' ? [`${rule}, which`, 'write the rule'] : [`the \`after\` of ${rule}, which`, 'write it']
  return `\`${key}\` would get round ${passed} covers the tool as long as \`tools\` does not name it: name it in that file, or ${remedy} for \`${binding.capability}\` too`
}

function repointedRule({ key, binding }: WrittenTool, other: Guarding, budget: WorkBudget): string | undefined {
  for (const { written, kinds } of other.reading) {
    const kind = repointedKind(binding, kinds)
    const { effect, rule } = written
    const reach = effect === 'allow' ? 'narrow' : 'wide'
    if (kind === undefined || !coversSurely({ patterns: rule.patterns, reach }, binding.capability, budget)) continue
    return `\`${key}\` would point ${ruleOf(written, other)} at another ${kind} than ${defaultNamesText(kind)}: name the tool in that file`
  }
  return undefined
}

interface Covering {
  readonly patterns: readonly CapabilityPattern[]
  readonly reach: Reach
}

function coversSurely({ patterns, reach }: Covering, capability: string, budget: WorkBudget): boolean {
  return patterns.some((pattern) => budget.spend(PAIR + pattern.length) && covers(pattern, capability, reach))
}

function ruleOf({ rule }: WrittenRule, { file }: Guarding): string {
  const id = file.name !== undefined && !rule.id.startsWith(`${file.name}:`) ? `${file.name}: ${rule.id}` : rule.id
  return `the rule \`${id}\``
}
