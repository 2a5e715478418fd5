import type { Plan } from '../action/plan.ts'
import { agentEnvironment, type HandedVariable } from '../kernel/agent-environment.ts'
import { CapFenceError, messageOf } from '../kernel/errors.ts'
import { type Started, startProgram } from '../kernel/start-program.ts'

/** How to start what a plan says. */
export interface ExecOptions {
  /** The working folder; this process's own where left out. */
  readonly cwd?: string | undefined
  /** Variables beside the usual (PATH, HOME, LANG and the like): as they are here, or with a value. */
  readonly env?: readonly HandedVariable[] | undefined
  /** What the program reads; nothing where left out. */
  readonly input?: string | undefined
  /** Without a limit where left out. */
  readonly timeoutMs?: number | undefined
  /** The most that is kept of each stream, in bytes; what is beyond ends the program. 1 MiB where left out. */
  readonly maxOutputBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** How a program ended. */
export type ExecResult = Started

const MAX_OUTPUT_BYTES = 1_048_576

/**
 * Runs a plan's argv: the very words that were judged, without a shell, in a scrubbed environment that is marked as an
 * agent's (`CAPFENCE_AGENT=1`). What it starts is ended with it. `PLAN_MISSING` where the plan has no argv: a line that
 * needs a shell was judged as such, and running it is up to the tool. `EXEC_FAILED` where the program could not be
 * started, was ended by `signal` or `timeoutMs`, or wrote too much.
 */
export async function execPlan(plan: Plan | undefined, options: ExecOptions = {}): Promise<ExecResult> {
  const [program, ...words] = plan?.argv ?? []
  if (program === undefined || program === '') {
    const why = 'the plan has no `argv`: what was judged is no single command; run it in the shell that its tool binds'
    throw new CapFenceError('PLAN_MISSING', why)
  }
  const { cwd, env, input, timeoutMs, maxOutputBytes = MAX_OUTPUT_BYTES, signal } = options
  try {
    const environment = (own: Parameters<typeof agentEnvironment>[0], isWindows: boolean): Record<string, string> =>
      agentEnvironment(own, env, isWindows)
    return await startProgram(program, words, { cwd, environment, input, timeoutMs, maxOutputBytes, signal })
  } catch (cause) {
    throw new CapFenceError('EXEC_FAILED', `the program did not run to its end: ${messageOf(cause)}`, { cause })
  }
}
