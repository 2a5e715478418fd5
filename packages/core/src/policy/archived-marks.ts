import { covers, type CapabilityPattern, type Reach } from '../action/pattern.ts'
import { type Json, isJsonObject } from '../kernel/json.ts'
import { type AfterKind, afterKinds, distinctKinds } from './after-kind.ts'
import type { Condition, Effect } from './model.ts'
import type { AllowedAction } from './state-terms.ts'

/** A mark that an allowed action left, and for how long it matters. */
export interface ArchivedMark {
  readonly mark: string
  readonly withinMs: number
}

/** The marks that actions left under an archived policy, from the conditions of its rules as they stand there. */
export function archivedMarks(
  rules: Iterable<{ readonly effect: Effect; readonly conditions: Json }>,
): (action: AllowedAction) => readonly ArchivedMark[] {
  const found: AfterKind[] = []
  for (const { effect, conditions } of rules) found.push(...kindsIn(conditions, effect === 'allow' ? 'narrow' : 'wide'))
  const kinds = distinctKinds(found)
  return (action) =>
    kinds.flatMap((kind) => {
      const mark = covers(kind.pattern, action.capability, kind.reach) ? kind.markOf(action) : undefined
      return mark === undefined ? [] : [{ mark, withinMs: kind.withinMs }]
    })
}

// `unless` turns what stops into what lets through, and back.
function kindsIn(conditions: Json | undefined, reach: Reach): readonly AfterKind[] {
  if (!Array.isArray(conditions)) return []
  return (conditions as readonly Json[]).flatMap((condition) => {
    if (!isJsonObject(condition)) return []
    if (condition['kind'] === 'unless') return kindsIn(condition['conditions'], reach === 'wide' ? 'narrow' : 'wide')
    const after = afterOf(condition['capability'], condition['within_ms'], condition['by'])
    return condition['kind'] === 'after' && after !== undefined ? afterKinds(after, reach) : []
  })
}

type After = Extract<Condition, { kind: 'after' }>

const FIELDS: ReadonlySet<string> = new Set<After['by']>([
  'actor',
  'session',
  'environment',
  'tenant',
  'user_role',
  'tool',
  'all',
])

function afterOf(patterns: Json | undefined, withinMs: Json | undefined, by: Json | undefined): After | undefined {
  if (!Array.isArray(patterns) || typeof withinMs !== 'number' || typeof by !== 'string' || !FIELDS.has(by)) {
    return undefined
  }
  const texts = patterns.filter((pattern) => typeof pattern === 'string') as CapabilityPattern[] // the loader made them
  return { kind: 'after', patterns: texts, withinMs, by: by as After['by'] } // one of the set
}
