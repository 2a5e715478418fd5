import type { Policy } from '@capfence/core/policy'
import type { Line } from './lines.ts'
import { readTraceLine } from './read-trace-line.ts'
import type { Recorded, Traced } from './traced.ts'

/** What the policy says of one line of a trace; the first five members are what `--json` prints. */
export interface Judged {
  readonly line: number
  /** Null where the arguments were not kept, so that nobody can say. */
  readonly decision: 'allow' | 'deny' | 'require_approval' | null
  readonly code: string
  readonly rule: string | null
  readonly message: string
  /** The capability that was judged, for people. */
  readonly subject: string
  /** True where the line is not JSON. */
  readonly unreadable: boolean
  /** The decision that was given at the time, where it is another one. */
  readonly drift: string | undefined
}

/** Judges a line; undefined where it holds no event: blank lines, and records that are not decisions. */
export function judgeLine(line: Line, policy: Policy): Judged | undefined {
  const traced: Traced = 'problem' in line ? { kind: 'unreadable', message: line.problem } : readTraceLine(line, policy)
  const base = { line: line.number, rule: null, subject: '', unreadable: false, drift: undefined }
  switch (traced.kind) {
    case 'event': {
      const { decision, code, rule, message } = policy.evaluate(traced.event)
      const drift = driftOf(decision, traced.recorded)
      return { ...base, decision, code, rule, message, subject: traced.event.capability, drift }
    }
    case 'invalid': {
      const { message, recorded } = traced
      return { ...base, decision: 'deny', code: 'invalid_event', message, drift: driftOf('deny', recorded) }
    }
    case 'unreadable':
      return { ...base, decision: 'deny', code: 'invalid_event', message: traced.message, unreadable: true }
    case 'args_not_kept':
      return { ...base, decision: null, code: 'args_not_kept', message: traced.message }
    case 'nothing':
      return undefined
    default:
      return traced satisfies never
  }
}

function driftOf(decision: string, recorded: Recorded | undefined): string | undefined {
  return recorded === undefined || recorded === decision ? undefined : recorded
}
