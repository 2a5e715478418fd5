import type { CapabilityPattern, Reach } from '../action/pattern.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { sha256Hex } from '../kernel/digest.ts'
import { fieldOf } from './context-field.ts'
import type { Condition, Rule } from './model.ts'
import type { AllowedAction } from './state-terms.ts'

/** One pattern of an `after` condition: what is remembered of the actions that it covers. */
export interface AfterKind {
  /** 64 hex digits over pattern, reach and `by`. */
  readonly id: string
  readonly pattern: CapabilityPattern
  readonly reach: Reach
  readonly withinMs: number
  /** The mark that an action leaves, or looks for; undefined where it has no such field. */
  markOf(action: AllowedAction): string | undefined
}

/** The kinds of an `after` condition, one a pattern. */
export function afterKinds(
  { patterns, withinMs, by }: Extract<Condition, { kind: 'after' }>,
  reach: Reach,
): readonly AfterKind[] {
  const read = by === 'all' ? undefined : fieldOf(by)
  return patterns.map((pattern) => {
    const id = sha256Hex(canonicalJson(['after', pattern, reach, by]))
    const markOf = (action: AllowedAction): string | undefined => {
      const value = read === undefined ? null : read(action)
      return value === undefined ? undefined : sha256Hex(canonicalJson([id, value]))
    }
    return { id, pattern, reach, withinMs, markOf }
  })
}

/** Every kind that a rule's conditions read. */
export function afterKindsOf(rule: Rule): readonly AfterKind[] {
  return rule.conditions.flatMap((condition) => kindsIn(condition, rule.effect === 'allow' ? 'narrow' : 'wide'))
}

// `unless` turns what stops into what lets through, and back.
function kindsIn(condition: Condition, reach: Reach): readonly AfterKind[] {
  if (condition.kind === 'after') return afterKinds(condition, reach)
  if (condition.kind !== 'unless') return []
  return condition.conditions.flatMap((each) => kindsIn(each, reach === 'wide' ? 'narrow' : 'wide'))
}

/** Each kind once, with the longest of its windows; by id. */
export function distinctKinds(kinds: Iterable<AfterKind>): readonly AfterKind[] {
  const byId = new Map<string, AfterKind>()
  for (const kind of kinds) {
    const known = byId.get(kind.id)
    if (known === undefined || known.withinMs < kind.withinMs) byId.set(kind.id, kind)
  }
  return [...byId.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1))
}
