import type { CompiledCondition } from './conditions/condition.ts'
import { limitText } from './conditions/limit-text.ts'
import type { EventFacts } from './event-facts.ts'
import type { Rule } from './model.ts'
import { UNKNOWN } from './truth.ts'

/** What is said of a rule that fired: its id and its reason, for people and models. */
export function firedMessage(rule: Rule): string {
  const reason = rule.reason === undefined ? '' : `: ${oneLine(rule.reason)}`
  switch (rule.effect) {
    case 'deny':
      return `denied by rule \`${rule.id}\`${reason}`
    case 'require_approval':
      return `rule \`${rule.id}\` wants a human's approval${reason}`
    case 'allow':
      return `allowed by rule \`${rule.id}\`${reason}`
    default:
      return rule.effect satisfies never
  }
}

/** What is said of a `deny` or `require_approval` rule that stops an event out of ignorance: also the field, and the way out. */
export function unknownMessage(rule: Rule, stuck: string): string {
  const asks = rule.effect === 'require_approval' || rule.unknown === 'ask'
  const reason = rule.reason === undefined ? '' : ` (${oneLine(rule.reason)})`
  return `rule \`${rule.id}\`${reason} cannot be decided, so it ${asks ? "wants a human's approval" : 'denies'}: ${stuck}`
}

/** What is said where no rule allows. `stuck` tells of an `allow` rule that might have, had more been known. */
export function defaultMessage(capability: string, stuck?: { readonly rule: string; readonly why: string }): string {
  const message = `no rule allows \`${capability}\``
  return stuck === undefined ? message : `${message}: \`${stuck.rule}\` cannot be decided: ${stuck.why}`
}

/** What is said where an `allow` rule would allow had its limit not been used up. */
export function exhaustedMessage(rule: Rule): string {
  const bound = rule.limit === undefined ? '' : `: ${limitText(rule.limit)}`
  return `limit of rule \`${rule.id}\` is used up${bound}`
}

/** Which condition of a rule is unknown, why, and what would help. Empty where none is. */
export function stuckAt(rule: Rule, conditions: readonly CompiledCondition[], facts: EventFacts): string {
  const stuck = conditions.find(({ test }) => test(facts) === UNKNOWN)
  if (stuck === undefined) return ''
  const { text, missingArg, remedy } = stuck.why(facts, UNKNOWN)
  const found = `\`${stuck.name}\` is unknown, for ${text}`
  if (missingArg === undefined) return remedy === undefined ? found : `${found}; ${remedy}`
  return `${found}; ${missingRemedy(rule, missingArg)}`
}

// An `allow` cannot be helped by making absence harmless: only by what is missing.
function missingRemedy(rule: Rule, path: string): string {
  if (rule.effect === 'allow') return 'it allows only where that is given'
  const key = /^[A-Za-z_][\w.]*$/.test(path) ? path : JSON.stringify(path)
  return `to make absence harmless, add \`args: { ${key}: { present: true } }\` to the rule`
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}
