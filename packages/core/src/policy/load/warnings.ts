import { type CapabilityPattern, covers, globMatches, segmentMatches } from '../../action/pattern.ts'
import type { FactReaders } from '../fact-readers.ts'
import type { PolicyModel, Rule } from '../model.ts'
import type { WrittenRule } from './build-rule.ts'
import type { Composed } from './compose.ts'
import { meaningWarnings } from './meaning-warnings.ts'
import { type Spot, spotAt } from './source-node.ts'
import { stateWarnings } from './state-warnings.ts'

/** The most tools that one warning names. */
const MAX_NAMED = 3
/** The most patterns times patterns, or patterns times capabilities, that a warning is sought among. */
const MAX_PAIRS = 1_000_000

/** Takes what is said of a rule, at a place. */
export type Tell = (written: WrittenRule, spot: Spot, message: string) => void

/** Tells what is valid and yet hardly meant. Each is true of every event, or says of which ones. */
export function tellWarnings({ model, rules }: Composed, readers: FactReaders, warn: Tell): void {
  const unbound = unboundTools(model)
  const stops = stoppingRules(model.rules)
  const ofState = stateWarnings(model)
  const ofMeaning = meaningWarnings(model, readers)
  for (const written of rules) {
    const { rule, node } = written
    const told = [unboundAmount(rule, unbound), unreachable(rule, stops), quorumOutOfReach(rule, model)]
    for (const message of [...told, ...ofState(rule), ...ofMeaning(rule)]) {
      if (message !== undefined) warn(written, node.spot, message)
    }
    if (rule.effect === 'allow' && rule.mode === 'observe' && written.raw.mode === undefined) {
      warn(
        written,
        spotAt(node, []),
        'this file is in `mode: observe` and another one enforces: this `allow` allows nothing',
      )
    }
  }
}

/** Names of tools without a bound amount, by what they ask for. */
type UnboundTools = ReadonlyMap<string, readonly string[]>

// Empty where there are too many to hold each rule against.
function unboundTools({ tools, rules }: PolicyModel): UnboundTools {
  const unbound = [...tools].filter(([, tool]) => tool.amount === undefined)
  const byCapability = Map.groupBy(unbound, ([, tool]) => tool.capability)
  const patterns = rules.filter(boundsAmount).reduce((count, rule) => count + rule.patterns.length, 0)
  if (patterns * byCapability.size > MAX_PAIRS) return new Map()
  return new Map([...byCapability].map(([capability, named]) => [capability, named.map(([name]) => name)]))
}

function boundsAmount({ conditions, limit }: Rule): boolean {
  return limit?.sum === 'amount' || conditions.some((condition) => condition.kind === 'amount')
}

function unboundAmount(rule: Rule, tools: UnboundTools): string | undefined {
  if (!boundsAmount(rule)) return undefined
  const reach = rule.effect === 'allow' ? 'narrow' : 'wide'
  let count = 0
  const named: string[] = []
  for (const [capability, names] of tools) {
    if (!rule.patterns.some((pattern) => covers(pattern, capability, reach))) continue
    count += names.length
    named.push(...names.slice(0, MAX_NAMED - named.length).map((name) => `\`${name}\``))
  }
  if (count === 0) return undefined
  const more = count > MAX_NAMED ? [`${String(count - MAX_NAMED)} more`] : []
  return `\`tools\` binds no amount for ${[...named, ...more].join(', ')}: \`${rule.id}\` reads the argument \`amount\`, and is unknown without one`
}

/** The rule that surely denies all that a pattern covers, or undefined. */
type StoppingRule = (pattern: CapabilityPattern) => Rule | undefined

function stoppingRules(rules: readonly Rule[]): StoppingRule {
  const first = new Map<CapabilityPattern, Rule>()
  for (const rule of rules) {
    if (!stopsAlways(rule)) continue
    for (const pattern of rule.patterns) if (!first.has(pattern)) first.set(pattern, rule)
  }
  const allowed = new Set(rules.filter(({ effect }) => effect === 'allow').flatMap(({ patterns }) => patterns))
  if (first.size * allowed.size > MAX_PAIRS) return () => undefined
  const stopping = [...first]
  const found = new Map<CapabilityPattern, Rule | undefined>()
  for (const pattern of allowed) found.set(pattern, stopping.find(([wide]) => includes(wide, pattern))?.[1])
  return (pattern) => found.get(pattern)
}

function stopsAlways({ effect, mode, conditions, limit }: Rule): boolean {
  return effect === 'deny' && mode === 'enforce' && conditions.length === 0 && limit === undefined
}

function unreachable(rule: Rule, stops: StoppingRule): string | undefined {
  if (rule.effect !== 'allow') return undefined
  const stopping = rule.patterns.map(stops)
  return stopping[0] !== undefined && stopping.every((deny) => deny !== undefined)
    ? `\`${rule.id}\` never allows: \`${stopping[0].id}\` denies all that it covers`
    : undefined
}

// True only where it is certain that each capability of the narrow pattern is covered by the wide one.
function includes(wide: CapabilityPattern, narrow: CapabilityPattern): boolean {
  const wanted = wide.split('.')
  const asked = narrow.split('.')
  const within = (index: number): boolean => {
    const [outer, inner] = [wanted[index] ?? '', asked[index] ?? '']
    return outer === '*' || outer === inner || (!inner.includes('*') && segmentMatches(outer, inner))
  }
  if (wanted.length === 3 && wanted[2] === '*') return within(0) && within(1)
  return asked.length >= wanted.length && wanted.every((_, index) => within(index))
}

function quorumOutOfReach(rule: Rule, model: PolicyModel): string | undefined {
  const asks = rule.effect === 'require_approval' || (rule.effect === 'deny' && rule.unknown === 'ask')
  if (!asks || model.approvers === undefined) return undefined
  const { approvers: globs, quorum } = rule.approval
  const able = [...model.approvers.keys()].filter(
    (name) => globs.length === 0 || globs.some((glob) => globMatches(glob, name)),
  )
  return able.length >= quorum
    ? undefined
    : `\`${rule.id}\` can never be approved: it needs ${String(quorum)} of the policy's approvers, and ${String(able.length)} may sign`
}
