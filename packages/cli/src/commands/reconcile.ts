import { ImmutableAuditTrail, type ReconciledOutcome, machine, refuseAgents } from '@capfence/core'
import { withApprovals } from '../approval/with-approvals.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { facts } from '../show/facts.ts'
import { field } from '../show/marked.ts'
import { jsonLine } from '../visible.ts'

/** What became of which event, and why a person says so. */
export interface ReconcileOptions {
  readonly eventId: string
  readonly outcome: ReconciledOutcome
  readonly reason: string
  readonly database: string | undefined
  readonly json: boolean
}

const MEANS = {
  succeeded: 'it ran, and is not run again',
  failed: 'it ran, and is not run again',
  not_executed: 'it never ran: the same call may be judged and run once more',
} as const satisfies Record<ReconciledOutcome, string>

/** Records what a person says became of an action of which the trail does not know it. */
export async function reconcile(options: ReconcileOptions, { out }: Terminal): Promise<ExitCode> {
  const { eventId, outcome, reason, database, json } = options
  refuseAgents(machine())
  return withApprovals({ database }, async ({ engine, ports }) => {
    await new ImmutableAuditTrail({ engine, machine: ports }).reconcile({ eventId, outcome, reason })
    if (json) await out.write(jsonLine({ event_id: eventId, outcome, reason }))
    else {
      const rows = [
        ['outcome', outcome],
        ['means', MEANS[outcome]],
        ['reason', field(reason)],
      ] as const
      await out.write(`${out.paint.green('recorded')}  ${field(eventId)}\n${facts(rows, out)}`)
    }
    return EXIT.ok
  })
}
