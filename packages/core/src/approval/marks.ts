import { isWhole, parseState } from './applied.ts'
import type { StateWrite } from './state-store.ts'

/** The prefix of all marks in the state: when an action was last allowed. */
export const MARKS = 'after/'
/** The prefix of the kinds of mark that are kept. */
export const MARK_KINDS = 'marks/'

/** Where a mark stands. */
export function markKey(mark: string): string {
  return `${MARKS}${mark}`
}

/** Where it stands that a kind of mark is kept. */
export function markKindKey(kind: string): string {
  return `${MARK_KINDS}${kind}`
}

/** How far the marks of a kind are kept: for all records before `upTo`, as far back as `withinMs` reached then. */
export interface KeptMarks {
  readonly upTo: number
  readonly withinMs: number
}

/** How far the marks of a kind are kept; undefined where they are not, or nobody can say. */
export function parseMarkKind(value: string | undefined): KeptMarks | undefined {
  const fields = parseState(value)
  const { upTo, withinMs } = fields ?? {}
  return isWhole(upTo) && isWhole(withinMs) ? { upTo, withinMs } : undefined
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
