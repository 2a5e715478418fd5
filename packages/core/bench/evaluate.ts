import { ActionEvent, type ActionEventInit } from '../src/action/action-event.ts'
import { capability } from '../src/action/capability.ts'
import { capabilityPattern } from '../src/action/pattern.ts'
import type { ToolBinding } from '../src/action/tool-binding.ts'
import { compilePolicy } from '../src/policy/compile.ts'
import type { Condition, Effect, Rule } from '../src/policy/model.ts'
import type { Policy } from '../src/policy/policy.ts'
import type { StateReadings } from '../src/policy/state-terms.ts'
import { median, shown, table } from './median.ts'

/** Evaluations per second of one story over policies of some size. */
export interface EvaluateRow {
  readonly story: string
  readonly rules: number
  readonly perSecond: number
}

const SIZES = [10, 100, 1_000, 10_000] as const
const RUNS = 7

/** A kind of traffic; `events` are repeated. */
interface Story {
  readonly name: string
  readonly events: readonly ActionEvent[]
  /** How many evaluations a run takes. */
  readonly calls: number
  /** Whether the policy has rules that rest on state, in place of as many others. */
  readonly isStateful?: true
}

/**
 * `Policy.evaluate` alone: no snapshot, no record. Eight rules, or ten, are about the events; the others are about other
 * capabilities. Figures are medians of several runs, in one process.
 */
export function benchEvaluate(): readonly EvaluateRow[] {
  const rows = STORIES.flatMap((story) =>
    SIZES.map((rules) => ({ story: story.name, rules, perSecond: measure(policyOf(rules, story), story) })),
  )
  const cells = STORIES.map(({ name }) => [
    name,
    ...rows.filter(({ story }) => story === name).map(({ perSecond }) => shown(perSecond)),
  ])
  table('Policy.evaluate, evaluations per second', [['', ...SIZES.map((size) => `${shown(size)} rules`)], ...cells])
  return rows
}

function measure(policy: Policy, { events, calls }: Story): number {
  const rounds = Math.ceil(calls / events.length)
  const rates: number[] = []
  for (let run = -2; run < RUNS; run++) {
    const startedAt = performance.now()
    const allowed = judgeAll(policy, { events, rounds })
    const seconds = (performance.now() - startedAt) / 1000
    if (allowed < 0) throw new Error('unreachable') // the answers are used, so judging them cannot be optimised away
    if (run >= 0) rates.push((rounds * events.length) / seconds)
  }
  return median(rates)
}

function judgeAll(
  policy: Policy,
  { events, rounds }: { readonly events: readonly ActionEvent[]; readonly rounds: number },
): number {
  let allowed = 0
  for (let round = 0; round < rounds; round++) {
    for (const event of events) if (policy.evaluate(event, READINGS).decision === 'allow') allowed += 1
  }
  return allowed
}

const READINGS: StateReadings = { now: 0, used: () => '0', lastAllowedAt: () => 'never' }
const FAST = 1_000_000
const SLOW = 60_000

const STORIES: readonly Story[] = [
  { name: 'one event, a rule without conditions', events: [eventOf({})], calls: FAST },
  { name: 'one event, two conditions on its context', events: [eventOf({ action: 'write' })], calls: FAST },
  {
    name: 'payments: three conditions on an amount',
    events: [500, 5_000, '999.99', 12, '20000'].map((amount) => payment({ amount, note: 'invoice 7' })),
    calls: FAST / 2,
  },
  {
    name: 'deletes: `contains` in two short texts',
    events: ['rm -rf /var', 'ls -la', 'rm  -r -f x', 'git status', 'ＲＭ −rf'].map((command) =>
      eventOf({ action: 'delete', args: { command, why: 'cleaning up' } }),
    ),
    calls: SLOW,
  },
  {
    name: 'refunds: a limit, and an action before',
    events: ['12.50', 7].map((amount) => eventOf({ resource: 'payment.card', action: 'refund', args: { amount } })),
    calls: SLOW,
    isStateful: true,
  },
  {
    name: 'mixed: 1,000 capabilities',
    events: Array.from({ length: 1_000 }, (_none, index) =>
      eventOf({ resource: `service${String(index % 100)}.part${String(index)}` }),
    ),
    calls: FAST,
  },
  {
    name: 'hostile: a new capability each time',
    events: Array.from({ length: 30_000 }, (_none, index) =>
      eventOf({ resource: 'filesystem', scope: `s${String(index)}` }),
    ),
    calls: SLOW,
  },
]

function eventOf(init: Partial<ActionEventInit>): ActionEvent {
  const base = { id: 'bench', at: 0, actor: 'agent', environment: 'production', risk: 'medium', tool: 'bench' } as const
  return ActionEvent.create({ ...base, action: 'read', resource: 'filesystem.workspace', ...init })
}

function payment(args: Readonly<Record<string, unknown>>): ActionEvent {
  return eventOf({ resource: 'payment.high_value', action: 'execute', tool: 'transfer', args })
}

function policyOf(size: number, { isStateful }: Story): Policy {
  const own = isStateful === true ? STATEFUL : RULES
  const noise = Array.from({ length: size - own.length }, (_none, index) => noiseRule(index))
  const tools = new Map<string, ToolBinding>([
    ['transfer', { capability: capability('payment.execute.high_value'), amount: 'amount' }],
  ])
  return compilePolicy(
    { mode: 'enforce', tools, approvers: undefined, maxPendingPerActor: 100, rules: [...own, ...noise] },
    '{}',
  )
}

function noiseRule(index: number): Rule {
  const effect = (['deny', 'require_approval', 'allow'] as const)[index % 3] ?? 'deny'
  const service = `service${String(index % 100)}`
  return rule(effect, `noise${String(index)}`, {
    pattern: `${service}.do${String(index)}.part${String(index)}`,
    conditions: [{ kind: 'context', field: 'actor', globs: ['ops-*'] }],
  })
}

function rule(
  effect: Effect,
  id: string,
  { pattern, conditions }: { readonly pattern: string; readonly conditions: readonly Condition[] },
): Rule {
  return {
    id,
    effect,
    patterns: [capabilityPattern(pattern, effect === 'allow' ? 'narrow' : 'wide')],
    conditions,
    mode: 'enforce',
    unknown: 'deny',
    reason: undefined,
    approval: { expiresInMs: 600_000, quorum: 1, approvers: [] },
    source: { file: 'bench.yaml', line: 1, column: 1 },
  }
}

const RULES: readonly Rule[] = [
  rule('deny', 'no-recursive-delete', {
    pattern: 'filesystem.delete',
    conditions: [{ kind: 'contains', texts: ['rm -rf'] }],
  }),
  rule('deny', 'no-writes-from-outside', {
    pattern: 'filesystem.write.workspace',
    conditions: [
      { kind: 'context', field: 'actor', globs: ['guest-*'] },
      { kind: 'risk_at_least', level: 'high' },
    ],
  }),
  rule('deny', 'no-huge-payments', {
    pattern: 'payment.execute.*',
    conditions: [{ kind: 'amount', op: 'gt', value: '10000' }],
  }),
  rule('require_approval', 'big-payments', {
    pattern: 'payment.execute.high_value',
    conditions: [{ kind: 'amount', op: 'gt', value: '1000' }],
  }),
  rule('allow', 'small-payments', {
    pattern: 'payment.execute.high_value',
    conditions: [{ kind: 'amount', op: 'lte', value: '1000' }],
  }),
  rule('allow', 'files', { pattern: 'filesystem.read.workspace', conditions: [] }),
  rule('allow', 'writes', { pattern: 'filesystem.write.workspace', conditions: [] }),
  rule('allow', 'deletes', { pattern: 'filesystem.delete.workspace', conditions: [] }),
]

const STATEFUL: readonly Rule[] = [
  ...RULES,
  {
    ...rule('allow', 'refunds', { pattern: 'payment.refund.card', conditions: [] }),
    limit: { sum: 'amount', max: '5000', perMs: 86_400_000, by: ['actor'] },
  },
  rule('deny', 'no-refunds-after-mail', {
    pattern: 'payment.refund',
    conditions: [
      { kind: 'after', patterns: [capabilityPattern('mail.read', 'wide')], withinMs: 3_600_000, by: 'actor' },
    ],
  }),
]

if (import.meta.main) benchEvaluate()
