import { machine, refuseAgents } from '@capfence/core'
import { InvalidArgumentError } from 'commander'
import { sign } from '../approval/sign.ts'
import { tellSigned } from '../approval/signed-text.ts'
import { withApprovals } from '../approval/with-approvals.ts'
import { chooseApprover } from '../approver/choose-approver.ts'
import type { ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { field } from '../show/marked.ts'

/** In whose name, why and where. */
export interface StopOptions {
  readonly by: string | undefined
  readonly reason: string | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** Whom to stop or let go on; exactly one of the two. */
export interface Target {
  readonly actor: string | undefined
  readonly all: boolean
}

/** Stops an actor, or all, at the next call. */
export async function suspend(target: Target, options: StopOptions, terminal: Terminal): Promise<ExitCode> {
  return stop('suspend', { ...options, actor: actorOf(target) }, terminal)
}

/** Lifts a suspension. */
export async function resume(target: Target, options: StopOptions, terminal: Terminal): Promise<ExitCode> {
  return stop('resume', { ...options, actor: actorOf(target) }, terminal)
}

/** Takes back a grant, or an approval that was not used. */
export async function revoke(id: string, options: StopOptions, terminal: Terminal): Promise<ExitCode> {
  const { by, reason, database, json } = options
  const ports = machine()
  refuseAgents(ports)
  const approver = chooseApprover(ports, by)
  return withApprovals({ database }, async (trail) => {
    const { approvals } = trail
    const act = (signer: Parameters<typeof approvals.revoke>[1]['by']) => approvals.revoke(id, { by: signer, reason })
    const signed = await sign(trail, { approver, json, terminal, act })
    return tellSigned(signed, { json, done: 'revoked', rows: [['grant', field(id)]] }, terminal)
  })
}

const DONE = { suspend: 'suspended', resume: 'resumed' } as const

async function stop(
  kind: keyof typeof DONE,
  options: StopOptions & { readonly actor: string | null },
  terminal: Terminal,
): Promise<ExitCode> {
  const { actor, by, reason, database, json } = options
  const ports = machine()
  refuseAgents(ports)
  const approver = chooseApprover(ports, by)
  return withApprovals({ database, begins: kind === 'suspend' }, async (trail) => {
    const { approvals } = trail
    const act = (signer: Parameters<typeof approvals.suspend>[1]['by']) =>
      approvals[kind](actor, { by: signer, reason })
    const signed = await sign(trail, { approver, json, terminal, act })
    const whom = actor === null ? 'all actors' : field(actor)
    return tellSigned(signed, { json, done: DONE[kind], rows: [['actor', whom]] }, terminal)
  })
}

function actorOf({ actor, all }: Target): string | null {
  if (all !== (actor === undefined)) throw new InvalidArgumentError('name exactly one of `--actor ACTOR` and `--all`')
  return actor ?? null
}
