import type { ToolBinding } from '../../action/tool-binding.ts'
import { DEFAULT_NAMES } from '../arguments-of.ts'
import type { Condition, Rule } from '../model.ts'

/** Kinds of arguments that are read under a default name where a tool binds none. */
export type DefaultKind = 'amount' | keyof typeof DEFAULT_NAMES

const KINDS = ['amount', 'command', 'path', 'url'] as const satisfies DefaultKind[]
const NAMES: Readonly<Record<DefaultKind, readonly string[]>> = { amount: ['amount'], ...DEFAULT_NAMES }

/** The kinds that a rule reads, and so would read elsewhere under another binding. */
export function kindsRead({ conditions, limit }: Rule): ReadonlySet<DefaultKind> {
  const kinds = new Set(conditions.flatMap(kindsOf))
  return limit?.sum === 'amount' ? kinds.add('amount') : kinds
}

function kindsOf(condition: Condition): readonly DefaultKind[] {
  switch (condition.kind) {
    case 'amount':
    case 'path':
    case 'url':
      return [condition.kind]
    case 'shell':
    case 'contains':
      return ['command']
    case 'unless':
      return condition.conditions.flatMap(kindsOf)
    default:
      return []
  }
}

/** What a rule would read under a binding in place of the default names of a kind: none of these is among the bound ones. */
export function repointedKind(binding: ToolBinding, kinds: ReadonlySet<DefaultKind>): DefaultKind | undefined {
  return KINDS.find((kind) => kinds.has(kind) && isElsewhere(binding[kind], NAMES[kind]))
}

function isElsewhere(bound: string | readonly string[] | undefined, names: readonly string[]): boolean {
  if (bound === undefined) return false
  return !names.some((name) => (typeof bound === 'string' ? bound === name : bound.includes(name)))
}

/** The default names of a kind, for people. */
export function defaultNamesText(kind: DefaultKind): string {
  const names = NAMES[kind].map((name) => `\`${name}\``)
  return names.length === 1 ? `the argument ${names.join('')}` : `the arguments ${names.join(', ')}`
}
