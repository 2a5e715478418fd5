import { covers } from '../../action/pattern.ts'
import { afterKindsOf } from '../after-kind.ts'
import { argPath } from '../arg-path.ts'
import { boundNamesOf } from '../bound-arguments.ts'
import type { PolicyModel, Rule } from '../model.ts'
import { patternsMeet, type ReachingPattern } from './patterns-meet.ts'

/** The most patterns that are held against patterns, or against tools. */
const MAX_PAIRS = 1_000_000

/** What is valid and yet hardly meant of a rule's `limit` and `after`. */
export function stateWarnings(model: PolicyModel): (rule: Rule) => readonly string[] {
  const reached = reachedPatterns(model)
  return (rule) => [...limitWarnings(rule, model), ...afterWarnings(rule, reached)]
}

function limitWarnings(rule: Rule, model: PolicyModel): readonly string[] {
  const { limit } = rule
  if (limit === undefined) return []
  if (limit.sum === null) {
    const isNever = rule.effect === 'allow' && /^0(?:\.0+)?$/.test(limit.max)
    return isNever ? [`\`${rule.id}\` never allows: its limit is none at all`] : []
  }
  const tool = unreadableFor(rule, limit.sum, model)
  return tool === undefined
    ? []
    : [
        `the limit of \`${rule.id}\` adds up \`${limit.sum}\`, which is no amount but a command, SQL, a path or a URL of \`${tool}\`: it is unknown for that tool`,
      ]
}

function unreadableFor({ effect, patterns }: Rule, sum: string, { tools }: PolicyModel): string | undefined {
  const first = argPath(sum).steps[0]
  if (sum === 'amount' || first?.kind !== 'key' || patterns.length * tools.size > MAX_PAIRS) return undefined
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  return [...tools].find(
    ([, binding]) =>
      boundNamesOf(binding).includes(first.key) &&
      patterns.some((pattern) => covers(pattern, binding.capability, reach)),
  )?.[0]
}

/** Patterns of what may be allowed, be it by an approval; undefined where that is too much, or everything. */
function reachedPatterns({ mode, rules }: PolicyModel): readonly ReachingPattern[] | undefined {
  const afters = rules.reduce((count, rule) => count + afterKindsOf(rule).length, 0)
  if (mode === 'observe' || afters === 0) return undefined
  const reached = rules.flatMap(({ effect, mode: own, unknown, patterns }): readonly ReachingPattern[] => {
    // A `deny` asks where it is unknown and told to; what is approved then is allowed.
    if (own === 'observe' || (effect === 'deny' && unknown === 'deny')) return []
    if (effect === 'allow') return patterns.map((pattern) => ({ pattern, reach: 'narrow' }))
    return patterns.map((pattern) => ({ pattern, reach: 'wide' }))
  })
  return afters * reached.length > MAX_PAIRS ? undefined : reached
}

function afterWarnings(rule: Rule, reached: readonly ReachingPattern[] | undefined): readonly string[] {
  if (reached === undefined) return []
  return afterKindsOf(rule)
    .filter((kind) => !reached.some((each) => patternsMeet(kind, each)))
    .map(
      ({ pattern }) =>
        `the \`after\` of \`${rule.id}\` never sees \`${pattern}\`: no rule allows anything that it covers`,
    )
}
