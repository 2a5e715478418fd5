import type { ActionEvent } from '../action/action-event.ts'
import type { ChangeablePolicy, PolicyChange } from './policy-changes.ts'

/**
 * The changes of a policy that would change its ruling on an event, the smallest first, each of them tried. What a change
 * lets through beside this event is for its author to judge.
 */
export async function whatWouldChange(checked: ChangeablePolicy, event: ActionEvent): Promise<readonly PolicyChange[]> {
  // It compiles policies: whoever only loads one does not pay for that.
  const { policyChanges } = await import('./policy-changes.ts')
  return policyChanges(checked, event)
}
