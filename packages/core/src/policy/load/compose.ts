import type { ToolBinding } from '../../action/tool-binding.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { DEFAULT_MAX_GRANT_MS, type PolicyModel, type Rule } from '../model.ts'
import type { RuleText, WrittenRule } from './build-rule.ts'
import { checkCounts } from './check-counts.ts'
import { composeApprovers } from './compose-approvers.ts'
import type { PolicyFile } from './load-files.ts'
import { checkLoosening } from './loosening.ts'
import { checkSealed, reachOf } from './sealed.ts'
import { keySpotAt } from './source-node.ts'
import { durationMs } from './texts.ts'
import { checkToolKeys } from './tool-keys.ts'

const DEFAULT_MAX_PENDING = 100

/** A composed policy, its rules still with the places they were written at. */
export interface Composed {
  readonly model: PolicyModel
  readonly rules: readonly WrittenRule[]
  /** Every rule as text, also those that are not in the model because something in them is wrong. */
  readonly ruleTexts: readonly RuleText[]
}

/**
 * Puts a file and all that it extends together. It never loosens: what two files say of one tool or approver must
 * be the same, bounds are the tightest, and `mode: observe` counts for the rules of its own file.
 */
export function compose(start: PolicyFile): Composed {
  const files = basesFirst(start, [])
  const isAbove = (file: PolicyFile, base: PolicyFile): boolean => file !== base && reachOf(file).has(base)
  checkCounts(files)
  const bound = checkSealed(files)
  checkToolKeys(files, isAbove)
  checkLoosening(files)
  const allObserve = files.every((file) => file.head.mode === 'observe')
  const rules = files.flatMap((file) => file.rules.map((written) => withFile(written, file, { allObserve, bound })))
  checkIds(rules)
  const model: PolicyModel = {
    mode: allObserve ? 'observe' : 'enforce',
    tools: composeTools(files),
    approvers: composeApprovers(files),
    maxPendingPerActor: least(files.map((file) => file.head.approvals?.max_pending)) ?? DEFAULT_MAX_PENDING,
    maxGrantMs: least(files.map((file) => durationMs(file.head.approvals?.max_grant ?? ''))) ?? DEFAULT_MAX_GRANT_MS,
    rules: rules.map(({ rule }) => rule),
  }
  return {
    rules,
    ruleTexts: files.flatMap((file) => file.ruleTexts),
    model,
  }
}

function least(bounds: readonly (number | undefined)[]): number | undefined {
  const given = bounds.filter((bound) => bound !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

function basesFirst(file: PolicyFile, order: PolicyFile[]): readonly PolicyFile[] {
  for (const base of file.bases) if (!order.includes(base)) basesFirst(base, order)
  order.push(file)
  return order
}

interface Composition {
  readonly allObserve: boolean
  readonly bound: ReadonlySet<PolicyFile>
}

// INVARIANT: where one file enforces, the policy does. A file that observes takes its own rules out of the ruling,
// its `allow` rules too, and nobody else's.
function withFile(written: WrittenRule, file: PolicyFile, { allObserve, bound }: Composition): WrittenRule {
  const observes = !allObserve && file.head.mode === 'observe'
  const rule: Rule = {
    ...written.rule,
    ...(observes ? { mode: 'observe' } : {}),
    ...(bound.has(file) ? { onlyTightens: true } : {}),
  }
  return { ...written, rule }
}

function checkIds(rules: readonly WrittenRule[]): void {
  const byId = new Map<string, Rule>()
  for (const { rule, node, findings } of rules) {
    const first = byId.get(rule.id)
    if (first === undefined) byId.set(rule.id, rule)
    else findings.add(keySpotAt(node, ['id']), `the id \`${rule.id}\` stands twice (first in ${placeOf(first.source)})`)
  }
}

function placeOf({ file, line }: Rule['source']): string {
  return `${file}:${String(line)}`
}

function composeTools(files: readonly PolicyFile[]): ReadonlyMap<string, ToolBinding> {
  const tools = new Map<string, ToolBinding>()
  for (const { key, binding, spot, findings } of files.flatMap((file) => file.tools)) {
    const first = tools.get(key)
    if (first === undefined) tools.set(key, binding)
    else if (canonicalJson(first) !== canonicalJson(binding)) {
      findings.add(spot, `another file says something else of the tool \`${key}\``)
    }
  }
  return tools
}
