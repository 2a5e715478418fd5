import { capabilityPattern } from '../../action/pattern.ts'
import type { Effect, Rule } from '../model.ts'
import type { ApprovalTerms } from '../ruling.ts'
import { buildConditions } from './build-conditions.ts'
import { buildLimit } from './build-limit.ts'
import type { Findings } from './findings.ts'
import { many } from './many.ts'
import type { RawApproval, RawRule } from './raw-policy.ts'
import { keySpotAt, type SourceMap, type SourceNode } from './source-node.ts'
import { durationMs } from './texts.ts'

/** A rule as text: the list it stands in, and where. */
export interface RuleText {
  readonly effect: Effect
  readonly node: SourceMap
  readonly findings: Findings
}

/** A rule with where it was written, so that what is found later can be told at its place. */
export interface WrittenRule extends RuleText {
  readonly rule: Rule
  readonly raw: RawRule
}

/** The deepest nesting of `unless` in `unless`. */
const MAX_UNLESS = 8
const DEFAULT_EXPIRY_MS = 600_000

/** A plain text as the rule it stands for, so that one schema reads both. */
export function ruleNode(node: SourceNode): SourceNode {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return node
  return { kind: 'map', spot: node.spot, entries: new Map([['capability', { keySpot: node.spot, value: node }]]) }
}

/** A rule that passed its schema, and where it stands in its list. */
export interface RuleSource {
  readonly effect: Effect
  readonly raw: RawRule
  readonly node: SourceMap
  /** The id of a rule that names none. */
  readonly defaultId: string
}

/** A rule of the model; what does not fit together is told. */
export function buildRule({ effect, raw, node, defaultId }: RuleSource, findings: Findings): WrittenRule {
  if (effect === 'deny' && raw.approval !== undefined && raw.unknown !== 'ask') {
    findings.add(keySpotAt(node, ['approval']), '`approval` on a `deny` needs `unknown: ask`: a denial asks nobody')
  }
  checkUnless(node, findings)
  const reach = effect === 'allow' ? 'narrow' : 'wide'
  const rule: Rule = {
    id: raw.id ?? defaultId,
    effect,
    patterns: many(raw.capability).map((text) => capabilityPattern(text, reach)),
    conditions: buildConditions(raw, node, reach),
    ...buildLimit(raw, node, findings),
    mode: raw.mode ?? 'enforce',
    unknown: raw.unknown ?? 'deny',
    reason: raw.reason?.trim().replaceAll(/\s+/g, ' '),
    approval: approvalTerms(raw.approval ?? {}),
    source: { file: findings.file, ...node.spot },
  }
  return { effect, rule, raw, node, findings }
}

function approvalTerms(raw: RawApproval): ApprovalTerms {
  const expiresInMs = raw.expires_in === undefined ? undefined : durationMs(raw.expires_in)
  return {
    expiresInMs: expiresInMs ?? DEFAULT_EXPIRY_MS,
    quorum: raw.quorum ?? 1,
    approvers: raw.approvers === undefined ? [] : many(raw.approvers),
  }
}

function checkUnless(rule: SourceMap, findings: Findings): void {
  let node: SourceNode | undefined = rule
  for (let depth = 0; node?.kind === 'map'; depth++) {
    const unless: SourceNode | undefined = node.entries.get('unless')?.value
    if (unless !== undefined && depth >= MAX_UNLESS) {
      findings.add(unless.spot, `\`unless\` is nested deeper than ${String(MAX_UNLESS)}`)
      return
    }
    node = unless
  }
}
