import { covers } from '../../action/pattern.ts'
import type { ShellEffectKind } from '../../facts/shell/shell-facts.ts'
import { containsMeaning } from '../contains-meaning.ts'
import type { FactReaders } from '../fact-readers.ts'
import type { Condition, PolicyModel, Rule } from '../model.ts'
import { flagWarnings } from './flag-warnings.ts'
import { patternsMeet } from './patterns-meet.ts'

/** The most patterns that are held against patterns, or against tools. */
const MAX_PAIRS = 1_000_000
/** Effects behind which anything may be done. */
const ANYTHING = ['exec.unknown', 'code.inline', 'code.local', 'code.remote'] as const satisfies ShellEffectKind[]

/** What is valid and yet hardly meant of a rule's conditions on what arguments mean. */
export function meaningWarnings(model: PolicyModel, readers: FactReaders): (rule: Rule) => readonly string[] {
  const ways = waysRound(model)
  return (rule) => [
    ...wayRound(rule, ways, readers),
    ...unboundSql(rule, model),
    ...unreadableShell(rule, model),
    ...unproved(rule),
    ...flagWarnings(rule, readers),
  ]
}

/** What a rule stops, and the effects by which the same may be done all the same. */
interface Stopped {
  readonly what: string
  readonly also: readonly ShellEffectKind[]
}

/** An `allow`, and the effects that it lets through for which no other rule has a `deny` of its own. */
interface WayRound {
  readonly allow: Rule
  readonly effects: readonly ShellEffectKind[]
}

// Empty where there are too many rules to hold against each other.
function waysRound({ rules }: PolicyModel): readonly WayRound[] {
  const enforced = rules.filter(({ mode }) => mode === 'enforce')
  const denied = enforced.filter(({ effect }) => effect === 'deny')
  const allows = enforced.filter(({ effect }) => effect === 'allow')
  if (countPatterns(denied) * countPatterns(allows) > MAX_PAIRS) return []
  return allows.flatMap((allow) => {
    const stopped = new Set(denied.filter((deny) => coversAll(deny, allow)).flatMap(stoppedEffects))
    const effects = allowedEffects(allow).filter((kind) => !stopped.has(kind))
    return effects.length === 0 ? [] : [{ allow, effects }]
  })
}

function countPatterns(rules: readonly Rule[]): number {
  return rules.reduce((count, { patterns }) => count + patterns.length, 0)
}

// A `deny` on effects alone stops them for all that it covers.
function stoppedEffects({ conditions }: Rule): readonly ShellEffectKind[] {
  const [only, ...more] = conditions
  if (only?.kind !== 'shell' || more.length > 0) return []
  const { kind: _kind, effects_any: effects, ...others } = only
  return Object.keys(others).length > 0 ? [] : (effects ?? [])
}

function coversAll({ patterns }: Rule, allow: Rule): boolean {
  return allow.patterns.every((pattern) => patterns.some((wide) => covers(wide, pattern, 'wide')))
}

function allowedEffects({ conditions }: Rule): readonly ShellEffectKind[] {
  const only = conditions.flatMap((each) => (each.kind === 'shell' && each.effects_only ? [each.effects_only] : []))
  return [...ANYTHING, 'fs.delete' as const].filter((kind) => only.every((effects) => effects.includes(kind)))
}

function wayRound(rule: Rule, ways: readonly WayRound[], readers: FactReaders): readonly string[] {
  if (rule.effect === 'allow' || rule.mode === 'observe') return []
  const stopped = stoppedBy(rule.conditions, readers)
  if (stopped === undefined) return []
  for (const { allow, effects } of ways) {
    const open = effects.filter((kind) => stopped.also.includes(kind))
    if (open.length === 0 || !meet(rule, allow)) continue
    const named = open.map((kind) => `\`${kind}\``).join(', ')
    return [
      `\`${rule.id}\` stops ${stopped.what}, but \`${allow.id}\` lets ${named} run, by which the same may be done: deny or ask for these effects as well, or list in \`effects_only\` what may run`,
    ]
  }
  return []
}

function stoppedBy(conditions: readonly Condition[], readers: FactReaders): Stopped | undefined {
  for (const condition of conditions) {
    if (condition.kind === 'shell' && condition.effects_any?.includes('fs.delete') === true) {
      return { what: '`fs.delete`', also: ANYTHING }
    }
    if (condition.kind !== 'contains') continue
    const text = condition.texts.find((each) => containsMeaning(each, readers.shell).stages !== undefined)
    if (text !== undefined) return { what: JSON.stringify(text), also: effectsLike(text, readers) }
  }
  return undefined
}

// Other programs delete too, and to these a text about one says nothing.
function effectsLike(text: string, { shell }: FactReaders): readonly ShellEffectKind[] {
  const commands = shell?.line(`${text} x`).commands ?? []
  const deletes = commands.some(({ effects }) => effects.some(({ kind }) => kind === 'fs.delete'))
  return deletes ? ['fs.delete', ...ANYTHING] : ANYTHING
}

function meet(rule: Rule, allow: Rule): boolean {
  return rule.patterns.some((left) =>
    allow.patterns.some((right) => patternsMeet({ pattern: left, reach: 'wide' }, { pattern: right, reach: 'narrow' })),
  )
}

function toolOf({ effect, patterns }: Rule, { tools }: PolicyModel, isSuch: IsSuch): string | undefined {
  if (patterns.length * tools.size > MAX_PAIRS) return undefined
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  return [...tools].find(
    ([, binding]) => isSuch(binding) && patterns.some((pattern) => covers(pattern, binding.capability, reach)),
  )?.[0]
}

type Binding = PolicyModel['tools'] extends ReadonlyMap<string, infer Item> ? Item : never
type IsSuch = (binding: Binding) => boolean

function unboundSql(rule: Rule, model: PolicyModel): readonly string[] {
  if (!has(rule.conditions, 'sql')) return []
  const tool = toolOf(rule, model, ({ sql }) => sql === undefined)
  if (tool === undefined) return []
  return [
    `\`tools\` binds no SQL for \`${tool}\`: \`${rule.id}\` is unknown for it; name it with \`sql\` and \`dialect\``,
  ]
}

function unreadableShell(rule: Rule, model: PolicyModel): readonly string[] {
  if (!has(rule.conditions, 'shell') && !has(rule.conditions, 'contains')) return []
  const isUnreadable: IsSuch = ({ shell }) => shell !== undefined && shell !== 'bash' && shell !== 'sh'
  const tool = toolOf(rule, model, isUnreadable)
  if (tool === undefined) return []
  return [`the commands of \`${tool}\` are for a shell that cannot be read: \`${rule.id}\` is unknown for it`]
}

function has(conditions: readonly Condition[], kind: Condition['kind']): boolean {
  return conditions.some((each) => each.kind === kind || (each.kind === 'unless' && has(each.conditions, kind)))
}

// Which program runs says little of what it does: it may write, delete, or start others.
function unproved({ id, effect, conditions }: Rule): readonly string[] {
  const bare =
    effect === 'allow' ? conditions.find((each) => each.kind === 'shell' && each.effects_only === undefined) : undefined
  if (bare === undefined) return []
  const isBounded = conditions.some((each) => each.kind === 'shell' && each.effects_only !== undefined)
  const keys = Object.keys(bare).filter((key) => key !== 'kind')
  return isBounded
    ? []
    : [
        `\`${id}\` allows by ${keys.map((key) => `\`${key}\``).join(', ')} alone: that does not bound what a command does; add \`effects_only\``,
      ]
}
