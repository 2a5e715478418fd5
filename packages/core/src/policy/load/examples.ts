import { ActionEvent, type ActionEventInit } from '../../action/action-event.ts'
import { capability, capabilityParts } from '../../action/capability.ts'
import { messageOf } from '../../kernel/errors.ts'
import type { Rule } from '../model.ts'
import type { Policy } from '../policy.ts'
import type { RuleFinding } from '../ruling.ts'
import type { StateReadings } from '../state-terms.ts'
import { toolCallEvent } from '../tool-call.ts'
import type { WrittenRule } from './build-rule.ts'
import type { RawExample } from './raw-policy.ts'
import { jsonOf, nodeAt, type SourceNode, spotAt } from './source-node.ts'

/** Makes a policy of one rule, with the tools of all. */
export type CompileAlone = (rule: Rule) => Policy

/** Tries each example of a rule on that rule alone, and tells those that are wrong. */
export function runExamples(written: WrittenRule, compile: CompileAlone): void {
  const { raw, rule } = written
  if (raw.examples === undefined) return
  const policy = compile({ ...rule, mode: 'enforce' })
  for (const list of ['match', 'not_match'] as const) {
    for (const [index, example] of (raw.examples[list] ?? []).entries()) {
      const node = nodeAt(written.node, ['examples', list, index])
      const fault = node && exampleFault(example, { written, policy, list, node })
      if (fault !== undefined) written.findings.add(spotAt(written.node, ['examples', list, index]), fault)
    }
  }
}

/** An example is the first event there ever was. */
const NOTHING_YET: StateReadings = { now: 0, used: () => '0', lastAllowedAt: () => 'never' }

interface Trial {
  readonly written: WrittenRule
  readonly policy: Policy
  readonly list: 'match' | 'not_match'
  readonly node: SourceNode
}

function exampleFault(example: RawExample, { written, policy, list, node }: Trial): string | undefined {
  const { rule } = written
  const event = exampleEvent(example, { written, policy, list, node })
  if (typeof event === 'string') return event
  const finding = policy.explain(event, NOTHING_YET).rules.find((found) => found.rule === rule.id)
  const truth = finding?.truth ?? 'false'
  if (list === 'match')
    return truth === 'true' ? undefined : `this example does not match \`${rule.id}\`: ${whyNot(finding, event)}`
  // An unknown is no match, but on a rule that stops it would stop.
  if (truth === 'false' || (truth === 'unknown' && rule.effect === 'allow')) return undefined
  const why = truth === 'true' ? 'all its conditions hold' : `it would stop it all the same, ${whyNot(finding, event)}`
  return `this example must not match \`${rule.id}\`, but ${why}`
}

function whyNot(finding: RuleFinding | undefined, event: ActionEvent): string {
  if (finding?.covered !== true) return `its capability \`${event.capability}\` is not covered`
  const decisive = finding.conditions.find(({ truth }) => truth === finding.truth)
  return decisive === undefined
    ? `it is ${finding.truth}`
    : `\`${decisive.condition}\` is ${decisive.truth} (${decisive.why})`
}

// What would be left unread, and so tried as something else than it says.
function doubtOf({ capability: whole, action, resource, scope, server, tool }: RawExample): string | undefined {
  if (whole !== undefined && (action !== undefined || resource !== undefined || scope !== undefined)) {
    return '`capability` stands in place of `resource`, `action` and `scope`: give one or the other'
  }
  return server !== undefined && tool === undefined ? '`server` says nothing without `tool`' : undefined
}

function exampleEvent(example: RawExample, trial: Trial): ActionEvent | string {
  const doubt = doubtOf(example)
  if (doubt !== undefined) return `this example is no event: ${doubt}`
  try {
    const context = contextOf(example, trial.node)
    return ActionEvent.create({ ...context, ...actionOf(example, context, trial) })
  } catch (cause) {
    return `this example is no event: ${messageOf(cause)}`
  }
}

type Context = Omit<ActionEventInit, 'action' | 'resource' | 'scope'>

// As `simulate` fills in what a line of a trace leaves out. No clock is read: an example is as old as time.
function contextOf(example: RawExample, node: SourceNode): Context {
  const args = nodeAt(node, ['args'])
  return {
    id: 'example',
    at: 0,
    actor: example.actor ?? 'trace',
    environment: example.environment ?? 'production',
    risk: example.risk ?? 'medium',
    session: example.session,
    tenant: example.tenant,
    userRole: example.user_role,
    callerDepth: example.caller_depth,
    tool: example.tool,
    args: args === undefined ? {} : jsonOf(args),
  }
}

type Action = Pick<ActionEventInit, 'action' | 'resource' | 'scope' | 'tool'>

function actionOf(example: RawExample, context: Context, { written, policy }: Trial): Action {
  const { action, resource, scope, tool, server } = example
  if (example.capability !== undefined) return actionOfCapability(example.capability, tool)
  if (action !== undefined || resource !== undefined || scope !== undefined) {
    return { action: action ?? '', resource: resource ?? '', scope, tool }
  }
  if (tool !== undefined) return toolCallEvent(policy, { ...context, tool, server })
  // Nothing said: what the rule is about, with a word for each `*`.
  return actionOfCapability((written.rule.patterns[0] ?? '').replaceAll('*', 'example'), tool)
}

function actionOfCapability(text: string, tool: string | undefined): Action {
  const { resource, action, scope } = capabilityParts(capability(text))
  return { resource, action, scope: scope.join('.'), tool }
}
