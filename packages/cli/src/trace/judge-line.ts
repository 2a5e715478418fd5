import { type Replay, replayState } from '@capfence/core'
import type { Policy } from '@capfence/core/policy'
import type { Line } from './lines.ts'
import { readTraceLine } from './read-trace-line.ts'
import type { Known, Recorded, Traced } from './traced.ts'

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

/** Judges the lines of one trace in their order. */
export interface LineJudge {
  /** What the policy says of a line; undefined where it holds no event: blank lines, and records that are no decisions. */
  judge(line: Line): Judged | undefined
}

/** A judge by one policy, at the start of a trace. */
export function lineJudge(policy: Policy): LineJudge {
  const replay = replayState(policy)
  let at = 0
  return {
    judge: (line) => {
      const traced: Traced =
        'problem' in line ? { kind: 'unreadable', message: line.problem } : readTraceLine(line, { policy, at })
      const base = { line: line.number, rule: null, subject: '', unreadable: false, drift: undefined }
      switch (traced.kind) {
        case 'event':
          at = traced.at
          return { ...base, ...ruled(traced, replay) }
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
    },
  }
}

type Ruled = Pick<Judged, 'decision' | 'code' | 'rule' | 'message' | 'subject' | 'drift'>

function ruled({ event, at, known }: Extract<Traced, { kind: 'event' }>, replay: Replay): Ruled {
  const { decision, code, rule, message } = replay.evaluate(event, at)
  if (wentThrough(decision, known)) replay.letThrough(event, at)
  return { decision, code, rule, message, subject: event.capability, drift: driftOf(decision, known.recorded) }
}

// An action that had to ask went through where it was recorded that it did.
function wentThrough(decision: Judged['decision'], { letThrough }: Known): boolean {
  return decision === 'allow' ? letThrough !== false : decision === 'require_approval' && letThrough === true
}

function driftOf(decision: string, recorded: Recorded | undefined): string | undefined {
  return recorded === undefined || recorded === decision ? undefined : recorded
}
