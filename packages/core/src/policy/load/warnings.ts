import { type CapabilityPattern, covers, globMatches, segmentMatches } from '../../action/pattern.ts'
import type { PolicyModel, Rule } from '../model.ts'
import type { WrittenRule } from './build-rule.ts'
import type { Composed } from './compose.ts'
import { type Spot, spotAt } from './source-node.ts'

/** The most tools that one warning names. */
const MAX_NAMED = 3

/** Tells what is valid and yet hardly meant. Each is true of every event, or says of which ones. */
export function tellWarnings(
  { model, rules }: Composed,
  warn: (written: WrittenRule, spot: Spot, message: string) => void,
): void {
  const sure = model.rules.filter(
    (rule) => rule.effect === 'deny' && rule.mode === 'enforce' && rule.conditions.length === 0,
  )
  for (const written of rules) {
    const { rule, node } = written
    for (const message of [unboundAmount(rule, model), unreachable(rule, sure), quorumOutOfReach(rule, model)]) {
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

function unboundAmount(rule: Rule, model: PolicyModel): string | undefined {
  if (!rule.conditions.some((condition) => condition.kind === 'amount')) return undefined
  const reach = rule.effect === 'allow' ? 'narrow' : 'wide'
  const unbound = [...model.tools].filter(
    ([, tool]) => tool.amount === undefined && rule.patterns.some((pattern) => covers(pattern, tool.capability, reach)),
  )
  if (unbound.length === 0) return undefined
  const named = unbound.slice(0, MAX_NAMED).map(([name]) => `\`${name}\``)
  const names = [...named, ...(unbound.length > MAX_NAMED ? [`${String(unbound.length - MAX_NAMED)} more`] : [])].join(
    ', ',
  )
  return `\`tools\` binds no amount for ${names}: \`${rule.id}\` reads the argument \`amount\`, and is unknown without one`
}

function unreachable(rule: Rule, sure: readonly Rule[]): string | undefined {
  if (rule.effect !== 'allow') return undefined
  const stops = (pattern: CapabilityPattern): Rule | undefined =>
    sure.find((deny) => deny.patterns.some((wide) => includes(wide, pattern)))
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
