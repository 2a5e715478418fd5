import { CapFenceError, type PendingRequest, type ShownRequest, machine, refuseAgents } from '@capfence/core'
import { InvalidArgumentError } from 'commander'
import { sign } from '../approval/sign.ts'
import { tellSigned } from '../approval/signed-text.ts'
import { type Approvals, withApprovals } from '../approval/with-approvals.ts'
import { chooseApprover } from '../approver/choose-approver.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { field } from '../show/marked.ts'
import { requestJson } from '../show/request-json.ts'
import { requestText, signatures } from '../show/request-text.ts'

/** What to answer, and in whose name. */
export interface AnswerOptions {
  readonly id: string
  readonly by: string | undefined
  readonly reason: string | undefined
  readonly database: string | undefined
  readonly json: boolean
}

/** Shows what will run, asks, and signs exactly what was shown. */
export async function approve(
  options: AnswerOptions & { readonly yes: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { id, by, reason, database, json, yes } = options
  const ports = machine()
  refuseAgents(ports)
  if (!yes && (json || terminal.ask === undefined)) {
    throw new InvalidArgumentError(
      'approve asks on a terminal, and there is none; add `--yes` if you know what will run',
    )
  }
  const approver = chooseApprover(ports, by)
  return withApprovals({ database }, async (trail) => {
    const shown = await waiting(trail, id)
    if (!json) await terminal.out.write(requestText(shown, await trail.engine.now(), terminal.out))
    if (!yes && !(await isConfirmed(terminal))) {
      await terminal.err.write('nothing was signed\n')
      return EXIT.found
    }
    const signed = await sign(trail, {
      approver,
      json,
      terminal,
      act: (signer) => trail.approvals.approve(shown, { by: signer, reason }),
    })
    const rows = [
      ['request', field(id)],
      ['signatures', await signaturesNow(trail, shown)],
      ['runs', 'once, when the agent calls again with all signatures there'],
    ] as const
    return tellSigned(signed, { json, done: 'signed', rows, members: { request: requestJson(shown) } }, terminal)
  })
}

/** Ends a request. */
export async function reject(options: AnswerOptions, terminal: Terminal): Promise<ExitCode> {
  const { id, by, reason, database, json } = options
  const ports = machine()
  refuseAgents(ports)
  const approver = chooseApprover(ports, by)
  return withApprovals({ database }, async (trail) => {
    const { approvals } = trail
    const act = (signer: Parameters<typeof approvals.reject>[1]['by']) => approvals.reject(id, { by: signer, reason })
    const signed = await sign(trail, { approver, json, terminal, act })
    return tellSigned(signed, { json, done: 'rejected', rows: [['request', field(id)]] }, terminal)
  })
}

// What is over is told before anything is asked.
async function waiting({ approvals, engine }: Approvals, id: string): Promise<ShownRequest> {
  const shown = await approvals.show(id)
  const why = overText(shown.request, await engine.now())
  if (why === undefined) return shown
  throw new CapFenceError('APPROVAL_REFUSED', `request \`${shown.request.id}\` ${why}`)
}

function overText({ rejection, used, returned, expiresAt }: PendingRequest, now: number): string | undefined {
  if (rejection !== null) return 'was rejected'
  if (used !== returned) return 'was approved and used already'
  return now < expiresAt ? undefined : 'has expired'
}

async function isConfirmed({ ask }: Terminal): Promise<boolean> {
  const answer = ask === undefined ? '' : await ask('Approve? [y/N] ')
  return /^\s*y(?:es)?\s*$/i.test(answer)
}

async function signaturesNow({ approvals }: Approvals, { request }: ShownRequest): Promise<string> {
  const { names, quorum } = signatures((await approvals.show(request.id)).request)
  return `${String(names.length)} of ${String(quorum)}`
}
