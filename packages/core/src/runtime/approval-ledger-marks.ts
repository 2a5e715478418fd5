import type { DecisionBody } from '../audit/record-body.ts'
import type { ArchivedPolicy } from '../policy/archived-policy.ts'
import type { TrailState } from './approval-ledger-model.ts'
import { allowedAction } from './marks-in-trail.ts'

/** Takes in the marks that a decision which lets something run left behind under its own policy. */
export function leaveMarks({ event, at, seq }: DecisionBody, policy: ArchivedPolicy, { marks }: TrailState): void {
  const action = allowedAction(event)
  if (action === undefined) return
  for (const { mark, withinMs } of policy.marksOf(action)) {
    const known = marks.get(mark)
    const isNewer = known === undefined || at >= known.at
    const longest = Math.max(withinMs, known?.withinMs ?? withinMs)
    marks.set(mark, isNewer ? { at, seq, withinMs: longest } : { ...known, withinMs: longest })
  }
}
