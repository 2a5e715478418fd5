import { CommanderError } from 'commander'
import type { Output } from './output.ts'
import type { Place } from './place.ts'
import { visible } from './visible.ts'

/** Why a command could not do its work: a code for programs, one line for people. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** What is wrong with the policy, where that is the reason. */
  readonly findings: readonly Place[]
}

/** What to say of anything that was thrown. */
export function failureOf(cause: unknown): Failure {
  if (cause instanceof CommanderError) return { code: 'USAGE', message: usageMessage(cause.message), findings: [] }
  if (!(cause instanceof Error)) return { code: 'INTERNAL', message: String(cause), findings: [] }
  const findings = findingsOf(cause)
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'INTERNAL'
  return {
    code,
    message: findings.length > 0 ? 'the policy is not valid, so nothing was judged' : cause.message,
    findings,
  }
}

/** One line for people about what went wrong. */
export function failureText(message: string, err: Output): string {
  return `${err.paint.red('capfence:')} ${visible(message)}\n`
}

// Commander's messages begin with a label and put a suggestion on a line of its own.
function usageMessage(message: string): string {
  return message
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace('(Did', '(did')
}

// A policy error carries all that is wrong with the policy.
function findingsOf(cause: Error): readonly Place[] {
  return 'findings' in cause && Array.isArray(cause.findings) ? (cause.findings as readonly Place[]) : []
}
