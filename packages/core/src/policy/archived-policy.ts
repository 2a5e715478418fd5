import { type CapabilityPattern, capabilityPattern } from '../action/pattern.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { type Json, type JsonObject, isJsonObject } from '../kernel/json.ts'
import { type ArchivedMark, archivedMarks } from './archived-marks.ts'
import { patternsMeet } from './load/patterns-meet.ts'
import { checkAmount, checkApproverName, MAX_DURATION_MS } from './load/texts.ts'
import { checkVkey } from './load/vkey.ts'
import type { DecimalText, Effect, PolicyModel } from './model.ts'
import type { ApprovalTerms } from './ruling.ts'
import type { AllowedAction } from './state-terms.ts'

/** What approvals and limits of the past are held against: a policy, as it was archived. */
export interface ArchivedPolicy {
  readonly mode: PolicyModel['mode']
  readonly approvers: ReadonlyMap<string, string> | undefined
  readonly maxGrantMs: number
  /** What a rule wants of an approval; undefined where no such rule can ask. */
  termsOf(rule: string): ApprovalTerms | undefined
  /** The limit of a rule; undefined where no such rule has one. */
  limitOf(rule: string): ArchivedLimit | undefined
  /** The marks that an allowed action left for `after` conditions. */
  marksOf(action: AllowedAction): readonly ArchivedMark[]
  /** Whether a grant over a narrow pattern could satisfy some rule of the policy; in doubt, it could. */
  couldSatisfy(pattern: CapabilityPattern): boolean
}

/** The limit of a rule, as it was archived. */
export interface ArchivedLimit {
  readonly effect: Effect
  readonly perMs: number
  readonly max: DecimalText
}

/** Reads the canonical text of a policy, strictly; undefined for any other text. */
export function archivedPolicy(canonical: string): ArchivedPolicy | undefined {
  const policy = objectOf(jsonOf(canonical), POLICY_KEYS)
  if (policy === undefined || policy['v'] !== 1) return undefined
  const known = allKnown({
    mode: modeOf(policy['mode']),
    approvers: approversOf(policy['approvers']),
    maxGrantMs: durationOf(policy['max_grant_ms']),
    rules: rulesOf(policy['rules']),
  })
  if (known === undefined) return undefined
  const { mode, approvers, maxGrantMs, rules } = known
  const asking = [...rules.values()].filter(({ effect, canAsk }) => canAsk && effect === 'require_approval')
  const patterns = asking.flatMap((rule) => rule.patterns)
  return {
    mode,
    approvers: approvers ?? undefined,
    maxGrantMs,
    termsOf: (rule) => (rules.get(rule)?.canAsk === true ? rules.get(rule)?.terms : undefined),
    limitOf: (rule) => rules.get(rule)?.limit ?? undefined,
    marksOf: archivedMarks(rules.values()),
    couldSatisfy: (pattern) =>
      patterns.some((wide) => patternsMeet({ pattern, reach: 'narrow' }, { pattern: wide, reach: 'wide' })),
  }
}

const POLICY_KEYS = ['approvers', 'max_grant_ms', 'max_pending', 'mode', 'rules', 'tools', 'v']
// prettier-ignore
const RULE_KEYS = ['approval', 'capability', 'conditions', 'effect', 'id', 'mode', 'only_tightens', 'reason', 'unknown']
const LIMITED_RULE_KEYS = [...RULE_KEYS, 'limit'].toSorted()
const TERMS_KEYS = ['approvers', 'expires_in_ms', 'quorum']
const LIMIT_KEYS = ['by', 'max', 'per_ms', 'sum']

// Only what is canonical: no key twice, no other order, nothing around it.
function jsonOf(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json // whatever it is, it is JSON
    return canonicalJson(value) === text ? value : undefined
  } catch {
    return undefined // no JSON, or none that has a canonical form: no archived policy
  }
}

// An object that has these keys, and no others; reading them cannot reach its prototype.
function objectOf(value: Json | undefined, keys: readonly string[]): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined
  return Object.keys(value).toSorted().join() === keys.join() ? value : undefined
}

type AllKnown<Fields> = { readonly [Key in keyof Fields]: Exclude<Fields[Key], undefined> }

function allKnown<Fields extends object>(fields: Fields): AllKnown<Fields> | undefined {
  const isKnown = Object.values(fields).every((value) => value !== undefined)
  return isKnown ? (fields as AllKnown<Fields>) : undefined // just looked at each
}

interface ArchivedRule {
  readonly id: string
  readonly effect: Effect
  readonly patterns: readonly CapabilityPattern[]
  readonly canAsk: boolean
  readonly terms: ApprovalTerms
  readonly limit: ArchivedLimit | null
  readonly conditions: Json
}

function rulesOf(value: Json | undefined): ReadonlyMap<string, ArchivedRule> | undefined {
  const list = listOf(value)
  if (list === undefined) return undefined
  const byId = new Map<string, ArchivedRule>()
  for (const item of list) {
    const rule = ruleOf(item)
    if (rule === undefined || byId.has(rule.id)) return undefined
    byId.set(rule.id, rule)
  }
  return byId
}

function ruleOf(value: Json): ArchivedRule | undefined {
  const rule = objectOf(value, RULE_KEYS) ?? objectOf(value, LIMITED_RULE_KEYS)
  if (rule === undefined) return undefined
  const effect = effectOf(rule['effect'])
  const mode = modeOf(rule['mode'])
  if (effect === undefined || mode === undefined) return undefined
  const asks = effect === 'require_approval' || (effect === 'deny' && rule['unknown'] === 'ask')
  return allKnown({
    id: textOf(rule['id']),
    effect,
    patterns: patternsOf(rule['capability'], effect),
    canAsk: asks && mode === 'enforce',
    terms: termsOf(rule['approval']),
    limit: rule['limit'] === undefined ? null : limitOf(rule['limit'], effect),
    conditions: rule['conditions'],
  })
}

function termsOf(value: Json | undefined): ApprovalTerms | undefined {
  const terms = objectOf(value, TERMS_KEYS)
  return (
    terms &&
    allKnown({
      expiresInMs: durationOf(terms['expires_in_ms']),
      quorum: quorumOf(terms['quorum']),
      approvers: textsOf(terms['approvers']),
    })
  )
}

function limitOf(value: Json, effect: Effect): ArchivedLimit | undefined {
  const limit = objectOf(value, LIMIT_KEYS)
  return limit && allKnown({ effect, perMs: durationOf(limit['per_ms']), max: amountOf(limit['max']) })
}

function quorumOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 64 ? value : undefined
}

function amountOf(value: Json | undefined): DecimalText | undefined {
  return typeof value === 'string' && checkAmount(value) === undefined ? value : undefined
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function patternsOf(value: Json | undefined, effect: Effect): readonly CapabilityPattern[] | undefined {
  const texts = textsOf(value)
  if (texts === undefined || texts.length === 0) return undefined
  const patterns = texts.flatMap((text) => patternOf(text, effect))
  return patterns.length === texts.length ? patterns : undefined
}

function patternOf(text: string, effect: Effect): readonly CapabilityPattern[] {
  try {
    const pattern = capabilityPattern(text, effect === 'allow' ? 'narrow' : 'wide')
    return pattern === text ? [pattern] : []
  } catch {
    return [] // no pattern: the text is no archived policy
  }
}

function approversOf(value: Json | undefined): ReadonlyMap<string, string> | null | undefined {
  if (value === null) return null
  if (!isJsonObject(value)) return undefined
  const approvers = new Map<string, string>()
  for (const [name, vkey] of Object.entries(value)) {
    if (checkApproverName(name) !== undefined || typeof vkey !== 'string' || checkVkey(vkey) !== undefined) {
      return undefined
    }
    approvers.set(name, vkey)
  }
  return approvers
}

function durationOf(value: Json | undefined): number | undefined {
  const isDuration = typeof value === 'number' && Number.isInteger(value) && value >= 1000 && value <= MAX_DURATION_MS
  return isDuration ? value : undefined
}

function modeOf(value: Json | undefined): PolicyModel['mode'] | undefined {
  return value === 'enforce' || value === 'observe' ? value : undefined
}

function effectOf(value: Json | undefined): Effect | undefined {
  return value === 'deny' || value === 'require_approval' || value === 'allow' ? value : undefined
}

function textsOf(value: Json | undefined): readonly string[] | undefined {
  const items = listOf(value)
  const texts = items?.filter((item) => typeof item === 'string')
  return texts?.length === items?.length ? texts : undefined
}

function listOf(value: Json | undefined): readonly Json[] | undefined {
  return Array.isArray(value) ? (value as readonly Json[]) : undefined // `isArray` forgets the type of the elements
}
