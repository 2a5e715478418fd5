import type { Limit, LimitField, Rule } from '../model.ts'
import { decimalOf } from './build-conditions.ts'
import type { Findings } from './findings.ts'
import { many } from './many.ts'
import type { RawLimit, RawRule } from './raw-policy.ts'
import { keySpotAt, nodeAt, type SourceMap, spotAt } from './source-node.ts'
import { durationMs } from './texts.ts'

/** The limit of a rule that passed its schema, where it has one; what does not fit together is told. */
export function buildLimit(rule: RawRule, node: SourceMap, findings: Findings): Pick<Rule, 'limit'> {
  const raw = rule.limit
  if (raw === undefined) return {}
  const max = nodeAt(node, ['limit', 'max'])
  const limit: Limit = {
    sum: raw.sum ?? null,
    max: max === undefined ? '0' : decimalOf(max),
    perMs: durationMs(raw.per) ?? 0,
    by: fieldsOf(raw),
  }
  if (rule.id === undefined) {
    const why = 'what it has counted is kept under it'
    findings.add(keySpotAt(node, ['limit']), `a rule with a \`limit\` needs an \`id\`: ${why}`)
  }
  tellMeasure(raw, node, findings)
  if (limit.sum === null && /\.\d*[1-9]/.test(limit.max)) {
    findings.add(spotAt(node, ['limit', 'max']), `\`${limit.max.slice(0, 60)}\` is no count: write a whole number`)
  }
  const fault = byFault(raw)
  if (fault !== undefined) findings.add(spotAt(node, ['limit', 'by']), fault)
  return { limit }
}

function tellMeasure({ count, sum }: RawLimit, node: SourceMap, findings: Findings): void {
  if (count === undefined && sum === undefined) {
    findings.add(keySpotAt(node, ['limit']), '`limit` needs `count: true`, or a `sum`')
  }
  if (count !== undefined && sum !== undefined) {
    findings.add(keySpotAt(node, ['limit', 'sum']), '`limit` takes `count` or `sum`, not both')
  }
}

// The order of `by` means nothing, so it must not make another counter.
function fieldsOf({ by }: RawLimit): readonly LimitField[] {
  return [...new Set(many(by))].filter((field) => field !== 'all').toSorted()
}

function byFault({ by }: RawLimit): string | undefined {
  if (!Array.isArray(by)) return undefined
  if (by.includes('all')) return '`all` stands alone: write `by: all`, or the fields'
  const twice = by.find((field, index) => by.indexOf(field) !== index)
  return twice && `\`${twice}\` stands twice`
}
