import type { ActionEvent } from '../action/action-event.ts'

const REMOVING: ReadonlySet<string> = new Set(['delete', 'remove', 'move', 'rename', 'destroy', 'purge', 'wipe'])

/** True for an action that takes what it names away, with all that is in it: by the middle part of its capability. */
export function removesWhole({ capability }: Pick<ActionEvent, 'capability'>): boolean {
  return REMOVING.has(capability.split('.')[1] ?? '')
}
