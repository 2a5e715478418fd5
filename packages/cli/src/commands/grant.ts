import {
  type GrantInit,
  type GrantStatement,
  type Statement,
  capabilityPattern,
  machine,
  refuseAgents,
} from '@capfence/core'
import { PolicyError, grantArgs } from '@capfence/core/policy'
import { InvalidArgumentError } from 'commander'
import { sign } from '../approval/sign.ts'
import { tellSigned } from '../approval/signed-text.ts'
import { withApprovals } from '../approval/with-approvals.ts'
import { chooseApprover } from '../approver/choose-approver.ts'
import { durationText, timeText } from '../duration.ts'
import type { ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { field } from '../show/marked.ts'
import { scopeText } from '../show/scope-text.ts'

/** What to grant, to whom, and in whose name. */
export interface GrantOptions {
  readonly grant: GrantInit
  readonly by: string | undefined
  readonly reason: string | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** Pre-authorizes an actor, for a time. */
export async function grant(options: GrantOptions, terminal: Terminal): Promise<ExitCode> {
  const { grant: init, by, reason, json } = options
  const ports = machine()
  refuseAgents(ports)
  // Before a key is made: what could never be granted is a mistake of the line that was typed.
  capabilityPattern(init.capability, 'narrow')
  await checkArgs(init.args)
  const approver = chooseApprover(ports, by)
  return withApprovals({ database: options.database, begins: true }, async (trail) => {
    const act = (signer: Parameters<typeof trail.approvals.grant>[1]['by']) =>
      trail.approvals.grant(init, { by: signer, reason })
    const signed = await sign(trail, { approver, json, terminal, act })
    const { statement } = signed.handed
    return tellSigned(
      signed,
      { json, done: 'granted', rows: isGrant(statement) ? rows(statement, init) : [] },
      terminal,
    )
  })
}

async function checkArgs(args: string | undefined): Promise<void> {
  if (args === undefined) return
  try {
    await grantArgs(args)
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause
    const why = cause.findings.map(({ line, column, message }) => `${String(line)}:${String(column)}: ${message}`)
    throw new InvalidArgumentError(`option '--args <json>': ${why.join('; ')}`)
  }
}

function isGrant(statement: Statement): statement is GrantStatement {
  return statement.kind === 'grant'
}

function rows({ scope, uses, expires_at: end, reason }: GrantStatement, { durationMs }: GrantInit) {
  return [
    ['actor', field(scope.actor)],
    ['capability', field(scope.capability)],
    ['only', scopeText(scope)],
    ['uses', uses === null ? 'any number' : String(uses)],
    ['until', `${timeText(end)} (for ${durationText(durationMs)})`],
    ['reason', reason === null ? '-' : field(reason)],
  ] as const
}
