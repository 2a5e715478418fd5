import type { PendingRequest, ShownRequest } from '@capfence/core'
import { durationText, timeText } from '../duration.ts'
import type { Output } from '../output.ts'
import { doubts } from './doubts.ts'
import { facts } from './facts.ts'
import { field, marked } from './marked.ts'
import { pretty } from './pretty.ts'
import { type Text, textsIn } from './texts.ts'

type Fact = readonly [label: string, text: string]

/**
 * A request as a person judges it. The arguments come first and the rest after them, so that no argument can push who
 * asks, and what for, off the screen.
 */
export function requestText(shown: ShownRequest, now: number, out: Output): string {
  const { request, event, plan } = shown
  const head = `${out.paint.bold('This is what will run:')} ${field(event.capability)} with\n`
  const warnings = doubts(allTexts(shown)).map((doubt) => `${out.paint.yellow('warning:')} ${doubt}\n`)
  const rows: readonly Fact[] = [...eventFacts(shown), ...requestFacts(request, now)]
  const planned = plan === undefined ? '' : `${out.paint.bold('It runs as:')}\n${pretty({ ...plan })}\n`
  return `${head}${pretty(event.args)}\n${planned}${facts(rows, out)}${warnings.join('')}`
}

/** How many signatures a request has that were not taken back, and how many the strictest of its rules wants. */
export function signatures({ approvals, revoked, terms }: PendingRequest): {
  readonly names: readonly string[]
  readonly quorum: number
} {
  const standing = approvals.filter(({ statement }) => !revoked.includes(statement.id))
  return {
    names: standing.map(({ statement }) => statement.approver),
    quorum: Math.max(1, ...terms.map(({ quorum }) => quorum)),
  }
}

function eventFacts({ event, message, facts: means }: ShownRequest): readonly Fact[] {
  const { actor, actorChain, session, environment, tenant, userRole, risk, tool, callerDepth } = event
  return [
    // First, for it alone can be long.
    ['actor chain', actorChain === undefined ? '-' : actorChain.map((name) => `"${marked(name)}"`).join(' > ')],
    ['capability', field(event.capability)],
    ['actor', field(actor)],
    ['caller depth', callerDepth === undefined ? '-' : String(callerDepth)],
    ['session', optional(session)],
    ['environment', field(environment)],
    ['tenant', optional(tenant)],
    ['user role', optional(userRole)],
    ['risk', risk],
    ['tool', optional(tool)],
    ...Object.entries(means ?? {}).map(([kind, words]): Fact => [`means`, `${kind}: ` + words.map(field).join(', ')]),
    ['reason', message === '' ? '-' : field(message)],
  ]
}

function requestFacts(request: PendingRequest, now: number): readonly Fact[] {
  const { names, quorum } = signatures(request)
  const signers = names.length === 0 ? '' : ` (${names.map(field).join(', ')})`
  return [
    ...request.terms.map(({ rule, approvers }): Fact => {
      const whose = approvers.length === 0 ? '' : `, approvers: ${approvers.map(field).join(', ')}`
      return ['rule', `${field(rule)}${whose}`]
    }),
    ['request', field(request.id)],
    ['expires', `${timeText(request.expiresAt)} (in ${durationText(request.expiresAt - now)})`],
    ['signatures', `${String(names.length)} of ${String(quorum)}${signers}`],
  ]
}

function* allTexts({ event, plan }: ShownRequest): Generator<Text> {
  const { args, actor, actorChain, session, environment, tenant, userRole, tool } = event
  const fields = { actor, actor_chain: actorChain, session, environment, tenant, user_role: userRole, tool }
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) yield* textsIn(name, value)
  yield* textsIn('args', args)
  if (plan !== undefined) yield* textsIn('plan', { ...plan })
}

function optional(text: string | undefined): string {
  return text === undefined ? '-' : field(text)
}
