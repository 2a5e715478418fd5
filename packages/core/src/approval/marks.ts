import type { StateWrite } from './state-store.ts'

/** The prefix of all marks in the state: when an action was last allowed. */
export const MARKS = 'after/'
/** The prefix of the kinds of mark that are kept: from then on every allowed action sets its mark. */
export const MARK_KINDS = 'marks/'

/** Where a mark stands. */
export function markKey(mark: string): string {
  return `${MARKS}${mark}`
}

/** Where it stands that a kind of mark is kept. */
export function markKindKey(kind: string): string {
  return `${MARK_KINDS}${kind}`
}

/** When an action with a mark was last allowed; undefined where the value is damaged. */
export function parseMark(value: string | undefined): number | 'never' | undefined {
  if (value === undefined) return 'never'
  return /^-?\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** A mark, set at a time; it never goes back. */
export function markWrite(mark: string, value: string | undefined, at: number): StateWrite {
  const known = parseMark(value)
  return { key: markKey(mark), value: String(typeof known === 'number' ? Math.max(known, at) : at) }
}
