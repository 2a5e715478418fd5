import { ImmutableAuditTrail, type Rebuilt, isCapFenceError } from '@capfence/core'
import { withApprovals } from '../approval/with-approvals.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { failureText } from '../failure.ts'
import type { Terminal } from '../output.ts'
import { jsonLine, visible } from '../visible.ts'

/** Whose state is made anew. */
export interface RebuildOptions {
  readonly database: string | undefined
  readonly json: boolean
}

// The trail itself is at fault, so nothing was changed.
const FAULTS: ReadonlyMap<string, ExitCode> = new Map([
  ['AUDIT_CORRUPT', EXIT.found],
  ['AUDIT_ROLLBACK', EXIT.truncated],
])

/** Makes grants, requests, limits and suspensions anew, as the trail tells them. */
export async function rebuild({ database, json }: RebuildOptions, terminal: Terminal): Promise<ExitCode> {
  try {
    return await withApprovals({ database }, async ({ path, ports, engine }) => {
      const rebuilt = await new ImmutableAuditTrail({ engine, machine: ports }).rebuild()
      await terminal.out.write(json ? asJson(path, rebuilt) : asText(path, rebuilt))
      return EXIT.ok
    })
  } catch (cause) {
    const exit = isCapFenceError(cause) ? FAULTS.get(cause.code) : undefined
    if (exit === undefined || !isCapFenceError(cause)) throw cause
    const { code, message } = cause
    if (json) await terminal.out.write(jsonLine({ error: { code, message } }))
    else await terminal.err.write(failureText(message, terminal.err))
    return exit
  }
}

function asJson(database: string, rebuilt: Rebuilt): string {
  return jsonLine({ database, ...rebuilt })
}

function asText(path: string, rebuilt: Rebuilt): string {
  const { records, grants, requests, counters, suspensions, changed, lost } = rebuilt
  const kept = [
    counted(grants, 'grant'),
    counted(requests, 'request'),
    counted(counters, 'counter'),
    counted(suspensions, 'suspension'),
  ].join(', ')
  const what = changed === 0 ? 'all stood as the trail tells it' : `${counted(changed, 'entry', 'entries')} made anew`
  const gone =
    lost === 0 ? '' : `  ${counted(lost, 'request')} cannot come back: the trail keeps no digest of the action\n`
  return `${visible(path)}, ${counted(records, 'record')}: ${what}\n  ${kept}\n${gone}`
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`
}
