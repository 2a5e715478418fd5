import { ImmutableAuditTrail, type Machine, defaultDatabase, machine, refuseAgents } from '@capfence/core'
import { localHeads } from '@capfence/core/audit'
import { withApprovals } from '../approval/with-approvals.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import type { Terminal } from '../output.ts'
import { facts } from '../show/facts.ts'
import { field } from '../show/marked.ts'
import { jsonLine } from '../visible.ts'

/** Which trail goes on, and why. */
export interface AcceptLossOptions {
  readonly reason: string
  readonly database: string | undefined
  readonly json: boolean
}

/** Lets writers go on with a trail as it stands, though records of it are lost; that is recorded in it. */
export async function acceptLoss(options: AcceptLossOptions, { out }: Terminal): Promise<ExitCode> {
  const { reason, database, json } = options
  const ports = machine()
  refuseAgents(ports)
  const begins = await isRemembered(ports, database)
  return withApprovals({ database, begins }, async ({ engine }) => {
    const found = await new ImmutableAuditTrail({ engine, machine: ports }).acceptLoss({ reason })
    if (json) await out.write(jsonLine({ accepted: found !== undefined, found: found ?? null, reason }))
    else if (found === undefined) await out.write('nothing is lost, so nothing was recorded\n')
    else {
      const rows = [
        ['found', field(found)],
        ['reason', field(reason)],
      ] as const
      await out.write(`${out.paint.green('recorded')}  the trail goes on as it stands\n${facts(rows, out)}`)
    }
    return EXIT.ok
  })
}

// A database is made anew only where one stood that this user wrote to.
async function isRemembered(ports: Machine, database: string | undefined): Promise<boolean> {
  const { SqliteEngine } = await import('@capfence/core/sqlite')
  const { identity } = new SqliteEngine({ path: database ?? defaultDatabase(ports) })
  return localHeads(ports, identity, []).length > 0
}
