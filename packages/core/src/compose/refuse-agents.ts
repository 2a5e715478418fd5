import { CapFenceError } from '../kernel/errors.ts'
import type { Machine } from '../kernel/ports.ts'

const AGENT_VARIABLE = 'CAPFENCE_AGENT'

/** Throws `APPROVAL_REFUSED` in a process that an agent started: it must not approve what the agent asks for. */
export function refuseAgents({ host }: Pick<Machine, 'host'>): void {
  const mark = host.env(AGENT_VARIABLE)
  if (mark === undefined || mark === '') return
  throw new CapFenceError(
    'APPROVAL_REFUSED',
    `this process was started by an agent (\`${AGENT_VARIABLE}\` is set), so it can approve nothing; use a terminal of your own`,
  )
}
